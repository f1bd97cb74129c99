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
      ...jetStreamSubjects(user.name),
    ],
    subscribe: [`_INBOX.${user.name}.>`, "live.>", `req.${user.name}.>`],
  };
}

const stream = "SHOP";

/**
 * To make sure of the stream and of the service's own consumers, to read by these and to acknowledge, and to look up its
 * own last event; not to read one message of another's, nor to see, change or delete what isn't its own. What a consumer
 * is filtered by the server can't check where there are several filters, so events are for every service to hear: what
 * only one of them may read is sealed for it.
 */
function jetStreamSubjects(service: string): string[] {
  const api = "$JS.API";
  return [
    `${api}.INFO`,
    `${api}.STREAM.CREATE.${stream}`,
    `${api}.STREAM.INFO.${stream}`,
    `${api}.DIRECT.GET.${stream}.evt.${service}.>`,
    ...[`${service}-inbox`, `${service}-projection`].flatMap((consumer) => [
      `${api}.CONSUMER.CREATE.${stream}.${consumer}`,
      `${api}.CONSUMER.CREATE.${stream}.${consumer}.>`,
      // What the client says when there are several filters.
      `${api}.CONSUMER.DURABLE.CREATE.${stream}.${consumer}`,
      `${api}.CONSUMER.INFO.${stream}.${consumer}`,
      `${api}.CONSUMER.DELETE.${stream}.${consumer}`,
      `${api}.CONSUMER.MSG.NEXT.${stream}.${consumer}`,
      `$JS.ACK.${stream}.${consumer}.>`,
    ]),
  ];
}
