import type { RunningProcess } from "../processes/start-process.ts";
import {
  isSubgraphName,
  subgraphNames,
  topology,
  usesStore,
  type Store,
  type SubgraphName,
} from "../topology.ts";
import { provisionerName } from "./nats-permissions.ts";
import { startNatsProvisioner, type NatsProvisioner } from "./nats-provisioner.ts";
import { checkExternalStores } from "./check-external-stores.ts";
import { startElasticsearch, type RunningElasticsearch } from "./start-elasticsearch.ts";
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
  /** Whether search is to have an Elasticsearch. */
  hasElasticsearch?: boolean;
  say?: (line: string) => void;
};

export type StoreUrls = Record<Store, string> & { elasticsearch?: string };

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

/** All stores at once, and in each of them a user of its own for each service that uses it. */
export async function startStores(wanted: StoresToStart): Promise<RunningStores> {
  const { secret, services = subgraphNames, given = {} } = wanted;
  const usersOf = (store: Store): StoreUser[] => {
    const names = services.filter((name) => usesStore(name, store));
    const all = store === "redis" ? [...names, "gateway"] : names;
    return all.map((name) => ({ name, password: storePassword(secret, store, name) }));
  };
  await checkExternalStores(given);
  const users = { postgres: usersOf("postgres"), redis: usersOf("redis"), nats: usersOf("nats") };

  const stores = await bringUp(wanted, users);
  let provisioner: NatsProvisioner | undefined;
  const stop = async (): Promise<void> => {
    await provisioner?.stop();
    await Promise.all(Object.values(stores).map((store) => store?.stop()));
  };
  try {
    const provisionerUrl = stores.nats?.urlFor(provisionerOf(secret)) ?? urlFrom(stores.nats, given.nats);
    provisioner = await startNatsProvisioner(provisionerUrl, wanted.say);
    const urls = {
      postgres: urlFrom(stores.postgres, given.postgres),
      redis: urlFrom(stores.redis, given.redis),
      nats: urlFrom(stores.nats, given.nats),
      ...(wanted.hasElasticsearch && {
        elasticsearch: urlFrom(stores.elasticsearch, given.elasticsearch),
      }),
    };
    const databases = await provisionPostgres(urls.postgres, users.postgres);
    const env: RunningStores["env"] = {};
    const tell = (name: string, setting: string, value: string): void => {
      env[name] = { ...env[name], [`${name.toUpperCase()}_${setting}`]: value };
    };
    for (const [name, url] of Object.entries(databases)) tell(name, "DATABASE_URL", url);
    for (const user of users.redis) tell(user.name, "REDIS_URL", stores.redis?.urlFor(user) ?? urls.redis);
    for (const user of users.nats) tell(user.name, "NATS_URL", stores.nats?.urlFor(user) ?? urls.nats);
    if (urls.elasticsearch) tell("search", "ELASTICSEARCH_URL", urls.elasticsearch);
    const started = Object.values(stores).flatMap((store) => (store === undefined ? [] : [store]));
    return { urls, env, started, stop };
  } catch (error) {
    await stop();
    throw error;
  }
}

/** The user that makes the stream and its consumers; on a server that is given it is the user of the URL. */
function provisionerOf(secret: string): StoreUser {
  return { name: provisionerName, password: storePassword(secret, "nats", provisionerName) };
}

type Stores = {
  postgres?: RunningPostgres;
  redis?: RunningRedis;
  nats?: RunningNats;
  elasticsearch?: RunningElasticsearch;
};

/** Each of them, or none: what came up while another failed is stopped again. */
async function bringUp(wanted: StoresToStart, users: Record<Store, StoreUser[]>): Promise<Stores> {
  const { dataFolder: folder, secret, isDurable = true, given = {}, say } = wanted;
  const admin = (store: Store): StoreUser => ({
    name: "admin",
    password: storePassword(secret, store, "admin"),
  });
  const common = { folder, ...(say && { say }) };
  const stores: Stores = {};
  const settled = await Promise.allSettled([
    given.postgres ??
      startPostgres({ folder, isDurable, adminPassword: admin("postgres").password }).then(
        (postgres) => (stores.postgres = postgres),
      ),
    given.redis ??
      startRedis({
        ...common,
        adminPassword: admin("redis").password,
        users: users.redis,
      }).then((redis) => (stores.redis = redis)),
    given.nats ??
      startNats({
        ...common,
        admin: admin("nats"),
        provisioner: provisionerOf(secret),
        users: users.nats.map((user) => ({
          ...user,
          calls: isSubgraphName(user.name) ? topology[user.name].calls : [],
        })),
      }).then((nats) => (stores.nats = nats)),
    wanted.hasElasticsearch
      ? (given.elasticsearch ??
        startElasticsearch(common).then((elasticsearch) => (stores.elasticsearch = elasticsearch)))
      : undefined,
  ]);
  const failures = settled.flatMap((one) => (one.status === "rejected" ? [asError(one.reason)] : []));
  if (failures.length === 0) return stores;
  await Promise.all(Object.values(stores).map((store) => store.stop()));
  throw new AggregateError(failures, failures.map(({ message }) => message).join("\n\n"));
}

function urlFrom(store: { url: string } | undefined, given: string | undefined): string {
  const url = store?.url ?? given;
  if (url === undefined) throw new Error("A store is neither started nor given.");
  return url;
}

function asError(reason: unknown): Error {
  return reason instanceof Error ? reason : new Error(String(reason));
}
