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

/** RequestInput the shop's search service over request/reply, as staff; the keys are those of the shop's folder. */
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
      const said = answer.parse(message.json());
      if (!said.ok) throw new Error(`The shop's search refuses: ${said.error}`);
      return said.reply;
    },
    [Symbol.asyncDispose]: () => nats.close(),
  };
}

/** The token of the kit's `signIdentity`, of which the launcher's folder knows the key. */
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
