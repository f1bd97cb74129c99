import {
  parseEvent,
  seal,
  subjectOf,
  type EventType,
  type NewEvent,
  type ServiceName,
  type ShopEvent,
} from "@shop/events";
import {
  audienceKey,
  identityHeader,
  openBus,
  openLog,
  signIdentity,
  startService,
  type RequestHandlers,
  type Identity,
  type RunningService,
  type ServiceDefinition,
} from "@shop/service";
import { serviceNames } from "@shop/values";
import { request } from "undici";
import type { TestStores } from "./stores.ts";
import { eventually } from "./eventually.ts";
import { noteRefusals } from "./refusals.ts";

/** The master key from which tests derive the key of each audience. */
export const testMasterKey = "a master key for tests only";

/** A caller without an account. */
export const guest: Identity = { kind: "guest" };
/** A signed-in customer. */
export const customer = (userId = "usr_customer"): Identity => ({
  kind: "user",
  userId,
  roles: ["CUSTOMER"],
  email: `${userId}@shop.test`,
});
/** A member of staff. */
export const staff: Identity = {
  kind: "user",
  userId: "usr_staff",
  roles: ["STAFF"],
  email: "staff@shop.test",
};

/** The answer to a GraphQL request. */
export type GraphAnswer = {
  data: Record<string, any> | null; // oxlint-disable-line typescript/no-explicit-any -- a test reads any part of the answer
  errors?: { message: string; path?: (string | number)[]; extensions?: Record<string, unknown> }[];
};

/** A service under test, on real stores, behind its real port. */
export type TestService = {
  url: string;
  databaseUrl: string;
  kit: RunningService["kit"];
  graphql(query: string, variables?: Record<string, unknown>, identity?: Identity): Promise<GraphAnswer>;
  /** Publishes as the event's producer; returns the sent event. */
  publish<T extends EventType>(fresh: NewEvent<T>): Promise<ShopEvent<T>>;
  /** Publishes a sent event once more. */
  republish(sent: ShopEvent): Promise<void>;
  /** All events of a type that were published so far. */
  events<T extends EventType>(type: T): ShopEvent<T>[];
  /** Waits until an event of this type for which the predicate holds was published; fails after 15 s without any event. */
  waitForEvent<T extends EventType>(type: T, isIt?: (event: ShopEvent<T>) => boolean): Promise<ShopEvent<T>>;
  stop(): Promise<void>;
  [Symbol.asyncDispose](): Promise<void>;
};

/** Starts a service as the host would, with databases, credentials and keys of its own. */
export async function startTestService(
  definition: ServiceDefinition,
  options: { stores: TestStores; env?: Record<string, string>; databaseUrl?: string },
): Promise<TestService> {
  const { name } = definition;
  const prefix = name.toUpperCase();
  const { stores } = options;
  const key = audienceKey(testMasterKey, name);
  const databaseUrl = definition.migrations ? (options.databaseUrl ?? (await stores.databaseUrl(name))) : "";
  const env = {
    LOG_LEVEL: process.env["LOG_LEVEL"] ?? "silent",
    [`${prefix}_PORT`]: "0",
    [`${prefix}_NATS_URL`]: stores.natsUrl,
    [`${prefix}_REDIS_URL`]: stores.redisUrl,
    [`${prefix}_IDENTITY_KEY`]: key,
    [`${prefix}_CALLEE_KEYS`]: JSON.stringify(
      Object.fromEntries(serviceNames.map((callee) => [callee, audienceKey(testMasterKey, callee)])),
    ),
    [`${prefix}_DATABASE_URL`]: databaseUrl,
    ...options.env,
  };
  const service = await startService(definition, env);
  const seen: ShopEvent[] = [];
  const tap = service.kit.bus.nc.subscribe("evt.>", {
    callback: (error, message) => {
      if (error) return;
      try {
        seen.push(parseEvent(message.string()));
      } catch {
        // An invalid message is the service's to handle; an error thrown here would end the connection.
      }
    },
  });
  await service.kit.bus.nc.flush();
  const { js } = service.kit.bus;
  let isStopped = false;
  const stop = async () => {
    if (isStopped) return;
    isStopped = true;
    tap.unsubscribe();
    await service.stop();
  };
  const republish = async (sent: ShopEvent) => {
    await js.publish(subjectOf(sent), JSON.stringify(sent));
  };
  const events = <T extends EventType>(type: T) => seen.filter((one) => one.type === type) as ShopEvent<T>[];
  return {
    url: service.url,
    databaseUrl,
    kit: service.kit,
    events,
    republish,
    stop,
    async graphql(query, variables = {}, identity = guest) {
      const answer = await request(`${service.url}/graphql`, {
        method: "POST",
        headers: { "content-type": "application/json", [identityHeader]: signIdentity(identity, name, key) },
        body: JSON.stringify({ query, variables }),
      });
      const answered = (await answer.body.json()) as GraphAnswer;
      noteRefusals(query, answered);
      return answered;
    },
    async publish(fresh) {
      const sent = seal(fresh as NewEvent, new Date());
      await republish(sent);
      return sent as never;
    },
    waitForEvent: (type, isIt = () => true) =>
      eventually(() => events(type).find(isIt), `no such ${type} was published`, {
        progress: () => `${seen.length} events, ${events(type).length} of them ${type}`,
      }),
    [Symbol.asyncDispose]: stop,
  };
}

/** A stub of another service, which answers the requests of the service under test. */
export async function stubService(
  stores: TestStores,
  name: ServiceName,
  answers: RequestHandlers,
): Promise<AsyncDisposable> {
  const bus = await openBus({
    url: stores.natsUrl,
    service: name,
    identityKey: audienceKey(testMasterKey, name),
    calleeKeys: {},
    log: openLog(name, "silent"),
  });
  bus.handleRequests(answers);
  await bus.nc.flush();
  return bus;
}
