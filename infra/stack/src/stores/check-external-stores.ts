import { connect } from "node:net";

/** Stores that run already, by their URLs. */
export type ExternalStores = { [S in keyof typeof settings]?: string | undefined };

const patienceMs = 5_000;
const settings = {
  postgres: { name: "DATABASE_URL", port: 5432 },
  redis: { name: "REDIS_URL", port: 6379 },
  nats: { name: "NATS_URL", port: 4222 },
  elasticsearch: { name: "ELASTICSEARCH_URL", port: 9200 },
};

/** Throws when an external store doesn't answer: its clients would retry for ever. */
export async function checkExternalStores(external: ExternalStores): Promise<void> {
  const checks = Object.entries(settings).map(async ([store, { name, port }]) => {
    // A URL may list several servers: one that answers is enough.
    const addresses = external[store as keyof typeof settings]
      ?.split(",")
      .filter((text) => URL.canParse(text));
    if (!addresses?.length) return;
    const failures = await Promise.all(addresses.map((address) => failureOf(new URL(address), port)));
    if (failures.every((failure) => failure !== undefined)) {
      const why = `nothing answers at ${new URL(addresses[0] ?? "").host} (${failures[0]})`;
      throw new Error(`${name}: ${why}. Start it there, or leave ${name} out, and one is started here.`);
    }
  });
  const refused = (await Promise.allSettled(checks)).filter(({ status }) => status === "rejected");
  if (refused.length === 0) return;
  throw new Error(refused.map((one) => (one as { reason: Error }).reason.message).join("\n"));
}

function failureOf({ hostname, port, protocol }: URL, usualPort: number): Promise<string | undefined> {
  const byProtocol = { "http:": 80, "https:": 443 }[protocol] ?? usualPort;
  return new Promise((resolve) => {
    const socket = connect(Number(port) || byProtocol, hostname.replace(/^\[|\]$/g, ""));
    const end = (failure?: string) => {
      socket.destroy();
      resolve(failure);
    };
    socket.setTimeout(patienceMs, () => end(`no connection within ${patienceMs / 1000} s`));
    socket.once("connect", () => end());
    socket.once("error", (error: NodeJS.ErrnoException) => end(error.code ?? error.message));
  });
}
