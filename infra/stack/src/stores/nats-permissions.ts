import type { StoreUser } from "./store-user.ts";

/** A NATS user and the only subjects it may publish and hear. */
export type NatsUser = StoreUser & { publish: string[]; subscribe: string[] };

/** A service speaks as itself, asks its callees, and answers who asked it; nothing else. */
export function natsServiceUser(user: StoreUser, calls: readonly string[]): NatsUser {
  return {
    ...user,
    publish: [
      `evt.${user.name}.>`,
      `live.${user.name}.>`,
      ...calls.map((callee) => `req.${callee}.>`),
      ...jetStreamSubjects,
    ],
    subscribe: [`_INBOX.${user.name}.>`, "live.>", `req.${user.name}.>`],
  };
}

const stream = "SHOP";

/** To make sure of the stream and of durable consumers, to read and to acknowledge; not to change, purge or delete. */
const jetStreamSubjects = [
  "$JS.API.INFO",
  "$JS.API.STREAM.NAMES",
  `$JS.API.STREAM.CREATE.${stream}`,
  `$JS.API.STREAM.INFO.${stream}`,
  `$JS.API.STREAM.MSG.GET.${stream}`,
  `$JS.API.DIRECT.GET.${stream}`,
  `$JS.API.DIRECT.GET.${stream}.>`,
  `$JS.API.CONSUMER.*.${stream}`,
  `$JS.API.CONSUMER.*.${stream}.>`,
  `$JS.API.CONSUMER.DURABLE.CREATE.${stream}.>`,
  `$JS.API.CONSUMER.MSG.NEXT.${stream}.>`,
  `$JS.ACK.${stream}.>`,
  "$JS.FC.>",
];
