import { createHmac } from "node:crypto";
import { connect } from "nats";
import { z } from "zod";
import { audienceKey, loadSecrets } from "../launcher/secrets.ts";

const progress = z.object({
  isRunning: z.boolean(),
  products: z.int(),
  ofProducts: z.int(),
  skus: z.int(),
  failure: z.string().nullable(),
});
export type Rebuild = z.infer<typeof progress>;
const answer = z.discriminatedUnion("ok", [
  z.object({ ok: z.literal(true), reply: progress }),
  z.object({ ok: z.literal(false), error: z.string() }),
]);

/** A client of search's rebuild over request/reply, as staff, with the keys of the shop's data folder. */
export async function openSearchAdmin(
  dataFolder: string,
  natsUrl: string,
): Promise<AsyncDisposable & { rebuild(begin: boolean): Promise<Rebuild> }> {
  const { identityMaster } = await loadSecrets(dataFolder);
  const { host, username: user, password: pass } = new URL(natsUrl);
  const nats = await connect({ servers: host, ...(user && { user, pass: decodeURIComponent(pass) }) });
  return {
    async rebuild(begin) {
      const identity = signStaff(audienceKey(identityMaster, "search"));
      const body = JSON.stringify({ identity, asked: { begin } });
      const message = await nats
        .request("req.search.rebuild", body, { timeout: 15_000 })
        .catch((cause: unknown) => {
          throw new Error("The shop's search does not answer.", { cause });
        });
      const replied = answer.parse(message.json());
      if (!replied.ok) throw new Error(`The shop's search refuses: ${replied.error}`);
      return replied.reply;
    },
    [Symbol.asyncDispose]: () => nats.close(),
  };
}

/** The same token as the kit's `signIdentity`. */
function signStaff(key: string): string {
  const claims = {
    aud: "search",
    exp: Math.floor(Date.now() / 1000) + 60,
    kind: "user",
    userId: "usr_operator",
    roles: ["STAFF"],
  };
  const text = Buffer.from(JSON.stringify(claims)).toString("base64url");
  return `${text}.${createHmac("sha256", key).update(text).digest("base64url")}`;
}
