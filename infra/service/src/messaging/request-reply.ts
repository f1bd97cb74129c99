import {
  requests,
  type RequestInput,
  type RequestName,
  type RequestReply,
  type ServiceName,
} from "@shop/events";
import type { Msg, NatsConnection } from "nats";
import { z } from "zod";
import { signIdentity, verifyIdentity, type Identity } from "../identity/identity.ts";
import { unavailable } from "../runtime/errors.ts";
import type { Logger } from "../runtime/telemetry.ts";

/** Sends a request to another service. Throws SERVICE_UNAVAILABLE when it doesn't answer within 2 s (default) or fails. */
export type SendRequest = <N extends RequestName>(
  name: N,
  asked: RequestInput<N>,
  identity: Identity,
  options?: { timeoutMs?: number },
) => Promise<RequestReply<N>>;

/** How a request is answered; throwing answers "unavailable" and logs the cause. */
export type RequestHandlers = {
  [N in RequestName]?: (asked: RequestInput<N>, identity: Identity) => Promise<RequestReply<N>>;
};

/** A service that sends and handles requests: its own identity key, and those of the services that it may ask. */
export type RequestParty = {
  service: ServiceName;
  identityKey: string;
  calleeKeys: Readonly<Record<string, string>>;
  log: Logger;
};

const requestBody = z.object({ identity: z.string(), asked: z.unknown() });
const replyBody = z.object({ ok: z.boolean(), reply: z.unknown(), error: z.string().optional() });

export function requestOver(nc: NatsConnection, { service, calleeKeys, log }: RequestParty): SendRequest {
  return async (name, asked, identity, { timeoutMs = 2_000 } = {}) => {
    const callee = name.slice(0, name.indexOf("."));
    const key = calleeKeys[callee];
    if (!key) throw new Error(`"${service}" has no key to ask "${callee}": add it to the topology`);
    const body = JSON.stringify({ identity: signIdentity(identity, callee, key), asked });
    try {
      const message = await nc.request(`req.${name}`, body, { timeout: timeoutMs });
      const answer = replyBody.parse(message.json());
      if (!answer.ok) throw new Error(answer.error ?? "failed");
      return requests[name].reply.parse(answer.reply) as RequestReply<typeof name>;
    } catch (error) {
      log.warn({ err: error, request: name }, "a request to another service failed");
      throw unavailable(`The ${callee} service does not answer now. Try again in a moment.`);
    }
  };
}

/** Subscribes the handlers of requests; the instances of a service share them. */
export function handleRequests(nc: NatsConnection, party: RequestParty, handlers: RequestHandlers): void {
  for (const name of Object.keys(handlers) as RequestName[]) handleOne(nc, party, name, handlers[name]);
}

function handleOne<N extends RequestName>(
  nc: NatsConnection,
  { service, identityKey, log }: RequestParty,
  name: N,
  handler: RequestHandlers[N],
): void {
  if (!handler) return;
  const handle = async (message: Msg) => {
    const { identity: token, asked } = requestBody.parse(message.json());
    const identity = verifyIdentity(token, service, identityKey);
    if (!identity)
      return { ok: false, reply: null, error: "the asker's identity is not signed for this service" };
    return { ok: true, reply: await handler(requests[name].input.parse(asked) as RequestInput<N>, identity) };
  };
  nc.subscribe(`req.${name}`, {
    queue: service,
    callback: (error, message) => {
      if (error) return;
      void handle(message)
        .catch((cause: unknown) => {
          log.error({ err: cause, request: name }, "a request could not be answered");
          return { ok: false, reply: null, error: "failed" };
        })
        .then((answer) => message.respond(JSON.stringify(answer)))
        .catch((cause: unknown) => log.error({ err: cause, request: name }, "an answer could not be sent"));
    },
  });
}
