import type { ServiceName } from "@shop/events";
import type { Redis } from "ioredis";
import { z } from "zod";
import { openBus, type Bus } from "./messaging/bus.ts";
import type { RequestHandlers } from "./messaging/request-reply.ts";
import { jsonSetting, readConfig } from "./runtime/config.ts";
import { serve, type Route } from "./graphql/http-server.ts";
import { identityVerifier, type Identity } from "./identity/identity.ts";
import type { EventHandlers, Projection } from "./messaging/event-handlers.ts";
import { replayDeadLetters } from "./messaging/dead-letters.ts";
import { startInbox } from "./messaging/inbox.ts";
import { startRetention } from "./postgres/retention.ts";
import { migrate } from "./postgres/migrate.ts";
import type { Postgres } from "./postgres/transaction.ts";
import { openPostgres } from "./postgres/open-postgres.ts";
import { startProjection } from "./messaging/projection.ts";
import { readinessOf, type Probe } from "./runtime/readiness.ts";
import { openRedis, redisTrouble, watchRedis } from "./runtime/redis.ts";
import { startRelay } from "./messaging/outbox-relay.ts";
import { isReadable, signReference, type Reference } from "./identity/reference-proof.ts";
import { openSecret, sealSecret } from "./identity/sealed-secret.ts";
import { buildSubgraph } from "./graphql/subgraph.ts";
import { startTasks, type TaskKinds } from "./tasks/task-queue.ts";
import { openLog, type Logger } from "./runtime/telemetry.ts";
import { takeUpUnhandled } from "./messaging/unhandled-events.ts";

/** The tools of a service, from its start on. `pg` and `redis` throw where its definition doesn't ask for them. */
export type Kit<Config> = {
  name: ServiceName;
  config: Config;
  log: Logger;
  pg: Postgres;
  redis: Redis;
  bus: Bus;
  /** Seals a secret in an event for one other service, of those whose key this one has. */
  sealFor(reader: ServiceName, text: string): string;
  /** Opens a secret that was sealed for this service; undefined when it wasn't. */
  openSealed(text: string): string | undefined;
  /** Proves to one other service, of those whose key this one has, that the asker may read an entity of it. */
  proveTo(reader: ServiceName, reference: Reference, asker: Identity): string;
  /** Whether the asker may read a reference: staff always, others with a proof made for them. */
  isReadable(reference: Reference & { proof: string | null | undefined }, asker: Identity): boolean;
  /** Aborted when the service stops. */
  signal: AbortSignal;
};

export type Parts = {
  // Resolver types are generated per subgraph; here any map of resolvers will do.
  resolvers: object;
  /** Adds to the resolvers' context, for each request: DataLoaders. */
  context?: (request: { identity: Identity }) => object;
  handlers?: EventHandlers;
  // A projection of some types is one of all types to the kit, which hands it only those.
  projection?: Pick<Projection, "types" | "missed"> &
    ({ batch: (...args: never[]) => Promise<void> } | { apply: (...args: never[]) => Promise<void> });
  requestHandlers?: RequestHandlers;
  tasks?: TaskKinds;
  routes?: Readonly<Record<string, Route>>;
  /** Why the service can't serve now; undefined when it can. */
  ready?: () => Promise<string | undefined>;
  /** Degraded parts by name: the reason, or undefined while the part is whole. The service answers all the same. */
  lacks?: Readonly<Record<string, () => Promise<string | undefined>>>;
  /** Stopped, in reverse order, after the service has stopped taking requests. */
  workers?: readonly (AsyncDisposable | Disposable)[];
};

export type ServiceDefinition<Shape extends z.ZodRawShape = z.ZodRawShape> = {
  name: ServiceName;
  schema: URL;
  /** Folder of `NNN-name.sql`; a service without one has no database. */
  migrations?: URL;
  /** Whether it answers without its Postgres, and is only degraded while that is away. Default false. */
  answersWithoutPostgres?: boolean;
  /** Connections for single statements, and as many for transactions; default 6. `<NAME>_POSTGRES_POOL` sets another number. */
  postgresPool?: number;
  redis?: boolean;
  /** Settings besides the kit's own, by their names without the service's prefix. */
  config?: Shape;
  start(kit: Kit<z.infer<z.ZodObject<Shape>>>): Parts | Promise<Parts>;
};

export type RunningService = { name: ServiceName; url: string; kit: Kit<unknown>; stop(): Promise<void> };

/** Names a service; the types of its settings flow into `start`. */
export function defineService<Shape extends z.ZodRawShape>(
  definition: ServiceDefinition<Shape>,
): ServiceDefinition<Shape> {
  return definition;
}

const kitSettings = {
  PORT: z.coerce.number().int().min(0).max(65_535),
  HOST: z.string().default("127.0.0.1"),
  NATS_URL: z.url(),
  IDENTITY_KEY: z.string().min(16, "expected the audience's key of at least 16 characters"),
  CALLEE_KEYS: jsonSetting(z.record(z.string(), z.string())).default({}),
};

/**
 * Starts a service: settings, stores, migrations, its parts, consumers and workers, and last its port. Throws InvalidConfig.
 * Stops in reverse order.
 */
export async function startService<Shape extends z.ZodRawShape>(
  definition: ServiceDefinition<Shape>,
  env: Readonly<Record<string, string | undefined>> = process.env,
): Promise<RunningService> {
  const { name } = definition;
  const settings = readConfig(
    name,
    {
      ...kitSettings,
      DATABASE_URL: definition.migrations ? z.url() : z.string().optional(),
      REDIS_URL: definition.redis ? z.url() : z.string().optional(),
      POSTGRES_POOL: z.coerce
        .number()
        .int()
        .min(1)
        .max(50)
        .default(definition.postgresPool ?? 6),
    },
    env,
  );
  const config = readConfig(name, definition.config ?? ({} as Shape), env);
  const log = openLog(name, env["LOG_LEVEL"]);
  const stopping = new AbortController();
  await using opened = new AsyncDisposableStack();

  const bus = opened.use(
    await openBus({
      url: settings.NATS_URL,
      service: name,
      identityKey: settings.IDENTITY_KEY,
      calleeKeys: settings.CALLEE_KEYS,
      log,
    }),
  );
  const databaseUrl = settings.DATABASE_URL ?? "";
  const pg = definition.migrations
    ? opened.use(openPostgres(databaseUrl, { service: name, max: settings.POSTGRES_POOL }))
    : undefined;
  if (pg && definition.migrations) await migrate(pg.sql, definition.migrations);
  const redis = definition.redis ? openRedis(settings.REDIS_URL ?? "", name, log) : undefined;
  if (redis) {
    opened.defer(() => redis.disconnect());
    opened.use(watchRedis(redis, name, log));
  }

  const keyOf = (reader: string): string => {
    const key = settings.CALLEE_KEYS[reader];
    if (!key) throw new Error(`"${name}" has no key of "${reader}": add it to the topology`);
    return key;
  };
  const kit: Kit<typeof config> = {
    name,
    config,
    log,
    bus,
    signal: stopping.signal,
    sealFor: (reader, text) => sealSecret(text, keyOf(reader)),
    proveTo: (reader, reference, asker) => signReference(reference, asker, keyOf(reader)),
    isReadable: (reference, asker) => isReadable(reference, asker, settings.IDENTITY_KEY),
    openSealed: (text) => openSecret(text, settings.IDENTITY_KEY),
    get pg(): Postgres {
      return pg ?? missing("migrations");
    },
    get redis(): Redis {
      return redis ?? missing("redis: true");
    },
  };
  const parts = await definition.start(kit);
  for (const worker of parts.workers ?? []) opened.defer(() => disposeOf(worker));

  const probes: Probe[] = [
    { name: "nats", ask: () => bus.ping().then(() => undefined) },
    ...(pg
      ? [
          {
            name: "postgres",
            isVital: !definition.answersWithoutPostgres,
            ask: () => pg.sql`select 1`.then(() => undefined),
          },
        ]
      : []),
    ...(redis ? [{ name: "redis", ask: () => redisTrouble(redis, name) }] : []),
    { name, isVital: true, ask: async () => (stopping.signal.aborted ? "stopping" : await parts.ready?.()) },
    ...Object.entries(parts.lacks ?? {}).map(([part, ask]) => ({ name: part, ask })),
  ];
  const projection = parts.projection as Projection | undefined;
  if (pg) {
    const relay = opened.use(startRelay({ service: name, databaseUrl, bus, log }));
    const tasks = startTasks({ pg, kinds: parts.tasks ?? {}, log, signal: stopping.signal });
    pg.onCommit((left) => {
      if (left.events.length > 0) relay.hand(left.events);
      if (left.tasks > 0) tasks.poke();
    });
    bus.onReconnect(() => relay.recheck());
    const messaging = { service: name, pg, handlers: parts.handlers ?? {}, log, signal: stopping.signal };
    const inbox = startInbox({ ...messaging, bus });
    const replaying = replayDeadLetters({ ...messaging, projection });
    const takingUp = takeUpUnhandled({ ...messaging, projection });
    opened.defer(() =>
      settled([tasks.running, replaying.running, takingUp, ...(inbox ? [inbox.running] : [])]),
    );
    if (inbox) probes.push({ name: `consumer ${name}-inbox`, ask: inbox.askTrouble });
    probes.push({ name: "relay", ask: async () => relay.trouble() });
    opened.use(startRetention(pg, log));
  }
  if (projection) {
    const feeding = { service: name, bus, pg: kit.pg, projection, log, signal: stopping.signal };
    const { running, askTrouble } = startProjection(feeding);
    opened.defer(() => settled([running]));
    probes.push({ name: `consumer ${name}-projection`, ask: askTrouble });
  }
  if (parts.requestHandlers) bus.handleRequests(parts.requestHandlers);

  const subgraph = buildSubgraph({
    schema: definition.schema,
    resolvers: parts.resolvers as Record<string, unknown>,
    context: parts.context,
    log,
  });
  const server = await serve({
    service: name,
    port: settings.PORT,
    host: settings.HOST,
    subgraph,
    verify: identityVerifier(name, settings.IDENTITY_KEY),
    routes: parts.routes ?? {},
    readiness: () => readinessOf(probes),
    log,
  });
  log.info({ url: server.url }, "serving");

  const resources = opened.move();
  return {
    name,
    url: server.url,
    kit,
    async stop() {
      stopping.abort();
      await server.stop();
      await resources.disposeAsync();
      log.info("stopped");
    },
  };
}

async function settled(running: readonly Promise<unknown>[]): Promise<void> {
  await Promise.allSettled(running);
}

async function disposeOf(worker: AsyncDisposable | Disposable): Promise<void> {
  if (Symbol.asyncDispose in worker) await worker[Symbol.asyncDispose]();
  else worker[Symbol.dispose]();
}

function missing(what: string): never {
  throw new Error(`this service did not ask for it: add \`${what}\` to its definition`);
}
