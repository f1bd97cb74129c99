import type { RunningProcess } from "../processes/start-process.ts";
import { isSubgraphName, subgraphNames, topology, type SubgraphName } from "../topology.ts";
import { natsGatewayUser, natsServiceUser, type NatsUser } from "./nats-permissions.ts";
import { provisionPostgres } from "./provision-postgres.ts";
import { startNats, type RunningNats } from "./start-nats.ts";
import { startPostgres, type RunningPostgres } from "./start-postgres.ts";
import { startRedis, type RunningRedis } from "./start-redis.ts";
import { storePassword, type StoreUser } from "./store-user.ts";

export type StoresToStart = {
  dataFolder: string;
  /** All passwords come from it. */
  secret: string;
  services?: SubgraphName[];
  /** Whether a commit must survive a power failure (true unless told). */
  isDurable?: boolean;
  /** Stores that are there already: these are not started, and are used with the credentials that they come with. */
  given?: Partial<StoreUrls>;
  say?: (line: string) => void;
};

export type StoreName = "postgres" | "redis" | "nats";
export type StoreUrls = Record<StoreName, string>;

export type RunningStores = {
  /** The administrators'. */
  urls: StoreUrls;
  /** What each service (and the gateway) finds in its environment: `CART_REDIS_URL` and so on. */
  env: Record<string, Record<string, string>>;
  /** Those that were started here, each with the way to start it again where its clients look for it. */
  started: StartedStore[];
  stop: () => Promise<void>;
};

export type StartedStore = { process: RunningProcess; startAgain: () => Promise<RunningProcess> };

/** All stores at once, and in each of them a user of its own for each service. */
export async function startStores(wanted: StoresToStart): Promise<RunningStores> {
  const { secret, services = subgraphNames, given = {} } = wanted;
  const clients = [...services, "gateway"];
  const user = (store: StoreName, name: string) => ({ name, password: storePassword(secret, store, name) });

  const stores = await bringUp(wanted, clients, user);
  const stop = async (): Promise<void> => {
    await Promise.all(Object.values(stores).map((store) => store?.stop()));
  };
  try {
    const urls = {
      postgres: urlFrom(stores.postgres, given.postgres),
      redis: urlFrom(stores.redis, given.redis),
      nats: urlFrom(stores.nats, given.nats),
    };
    const databases = await provisionPostgres(
      urls.postgres,
      services.map((name) => user("postgres", name)),
    );
    const env = Object.fromEntries(
      clients.map((name) => {
        const prefix = name.toUpperCase();
        const database = databases[name];
        return [
          name,
          {
            ...(database !== undefined && { [`${prefix}_DATABASE_URL`]: database }),
            [`${prefix}_REDIS_URL`]: stores.redis?.urlFor(user("redis", name)) ?? urls.redis,
            [`${prefix}_NATS_URL`]: stores.nats?.urlFor(user("nats", name)) ?? urls.nats,
          },
        ];
      }),
    );
    const started = Object.values(stores).flatMap((store) => (store === undefined ? [] : [store]));
    return { urls, env, started, stop };
  } catch (error) {
    await stop();
    throw error;
  }
}

type Stores = { postgres?: RunningPostgres; redis?: RunningRedis; nats?: RunningNats };

/** Each of them, or none: what came up while another failed is stopped again. */
async function bringUp(
  wanted: StoresToStart,
  clients: string[],
  user: (store: StoreName, name: string) => StoreUser,
): Promise<Stores> {
  const { dataFolder: folder, isDurable = true, given = {}, say } = wanted;
  const common = { folder, ...(say && { say }) };
  const stores: Stores = {};
  const settled = await Promise.allSettled([
    given.postgres ??
      startPostgres({ folder, isDurable, adminPassword: user("postgres", "admin").password }).then(
        (postgres) => (stores.postgres = postgres),
      ),
    given.redis ??
      startRedis({
        ...common,
        adminPassword: user("redis", "admin").password,
        users: clients.map((name) => user("redis", name)),
      }).then((redis) => (stores.redis = redis)),
    given.nats ??
      startNats({
        ...common,
        admin: user("nats", "admin"),
        users: clients.map((name) => natsUser(user("nats", name))),
      }).then((nats) => (stores.nats = nats)),
  ]);
  const failures = settled.flatMap((one) => (one.status === "rejected" ? [asError(one.reason)] : []));
  if (failures.length === 0) return stores;
  await Promise.all(Object.values(stores).map((store) => store.stop()));
  throw new AggregateError(failures, failures.map(({ message }) => message).join("\n\n"));
}

function natsUser(user: StoreUser): NatsUser {
  return isSubgraphName(user.name) ? natsServiceUser(user, topology[user.name].calls) : natsGatewayUser(user);
}

function urlFrom(store: { url: string } | undefined, given: string | undefined): string {
  const url = store?.url ?? given;
  if (url === undefined) throw new Error("A store is neither started nor given.");
  return url;
}

function asError(reason: unknown): Error {
  return reason instanceof Error ? reason : new Error(String(reason));
}
