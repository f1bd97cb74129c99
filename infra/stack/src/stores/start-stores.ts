import type { RunningProcess } from "../processes/start-process.ts";
import { messageOf } from "../messages.ts";
import { isSubgraphName, subgraphNames, topology, usesStore } from "../topology.ts";
import type { Store, SubgraphName } from "../topology.ts";
import { checkExternalStores, type ExternalStores } from "./check-external-stores.ts";
import { provisionerName } from "./nats-permissions.ts";
import { startNatsProvisioner, type NatsProvisioner } from "./nats-provisioner.ts";
import { provisionPostgres } from "./provision-postgres.ts";
import { startElasticsearch } from "./start-elasticsearch.ts";
import { startNats } from "./start-nats.ts";
import { startPostgres } from "./start-postgres.ts";
import { startRedis } from "./start-redis.ts";
import { storePassword, type StoreUser } from "./store-user.ts";

export type StoresToStart = {
  dataFolder: string;
  /** The secret from which all passwords are derived. */
  secret: string;
  services?: SubgraphName[];
  /** Whether a commit must survive a power failure (default true). */
  isDurable?: boolean;
  /** Stores that run already: these are not started, and are used with the credentials of their URLs. */
  external?: ExternalStores;
  /** Whether search is to have an Elasticsearch. */
  hasElasticsearch?: boolean;
  say?: (line: string) => void;
};

export type StoreUrls = Record<Store, string> & { elasticsearch?: string };

export type RunningStores = {
  /** The administrators'. */
  urls: StoreUrls;
  /** The settings of each service and of the gateway: `CART_REDIS_URL` and so on. */
  env: Record<string, Record<string, string>>;
  /** Those that were started here, each with the way to start it again where its clients look for it. */
  started: StartedStore[];
  /** The events that services have yet to handle. */
  backlog: NatsProvisioner["backlog"];
  stop: () => Promise<void>;
};

export type StartedStore = { process: RunningProcess; startAgain: () => Promise<RunningProcess> };

/** Starts all stores side by side, and gives each service a user of its own in each store that it uses. */
export async function startStores(wanted: StoresToStart): Promise<RunningStores> {
  const { secret, services = subgraphNames, external = {} } = wanted;
  const usersOf = (store: Store): StoreUser[] => {
    const names = services.filter((name) => usesStore(name, store));
    const all = store === "redis" ? [...names, "gateway"] : names;
    return all.map((name) => ({ name, password: storePassword(secret, store, name) }));
  };
  await checkExternalStores(external);
  const users = { postgres: usersOf("postgres"), redis: usersOf("redis"), nats: usersOf("nats") };

  const stores = await bringUp(wanted, users);
  const started = Object.values(stores).filter((store) => store !== undefined);
  let provisioner: NatsProvisioner | undefined;
  const stop = async (): Promise<void> => {
    await provisioner?.stop();
    await Promise.all(started.map((store) => store.stop()));
  };
  try {
    const urls = {
      postgres: urlFrom(stores.postgres, external.postgres),
      redis: urlFrom(stores.redis, external.redis),
      nats: urlFrom(stores.nats, external.nats),
      ...(wanted.hasElasticsearch && {
        elasticsearch: urlFrom(stores.elasticsearch, external.elasticsearch),
      }),
    };
    provisioner = await startNatsProvisioner(
      stores.nats?.urlFor(provisionerOf(secret)) ?? urls.nats,
      wanted.say,
    );
    const databases = await provisionPostgres(urls.postgres, users.postgres);
    const env: RunningStores["env"] = {};
    const set = (name: string, setting: string, value: string): void => {
      env[name] = { ...env[name], [`${name.toUpperCase()}_${setting}`]: value };
    };
    for (const [name, url] of Object.entries(databases)) set(name, "DATABASE_URL", url);
    for (const user of users.redis) set(user.name, "REDIS_URL", stores.redis?.urlFor(user) ?? urls.redis);
    for (const user of users.nats) set(user.name, "NATS_URL", stores.nats?.urlFor(user) ?? urls.nats);
    if (urls.elasticsearch) set("search", "ELASTICSEARCH_URL", urls.elasticsearch);
    return { urls, env, started, backlog: provisioner.backlog, stop };
  } catch (error) {
    await stop();
    throw error;
  }
}

/** The user that makes the stream and its consumers; on an external server it is the user of the URL. */
function provisionerOf(secret: string): StoreUser {
  return { name: provisionerName, password: storePassword(secret, "nats", provisionerName) };
}

/** Starts the stores that aren't external. When one fails, those that came up are stopped again. */
async function bringUp(wanted: StoresToStart, users: Record<Store, StoreUser[]>) {
  const { dataFolder: folder, secret, isDurable = true, external = {}, say } = wanted;
  const passwordOf = (store: Store): string => storePassword(secret, store, "admin");
  const common = { folder, ...(say && { say }) };
  const natsUsers = users.nats.map((user) => ({
    ...user,
    calls: isSubgraphName(user.name) ? topology[user.name].calls : [],
  }));
  const needsElasticsearch = wanted.hasElasticsearch && !external.elasticsearch;
  const [postgres, redis, nats, elasticsearch] = await Promise.allSettled([
    external.postgres
      ? undefined
      : startPostgres({ folder, isDurable, adminPassword: passwordOf("postgres") }),
    external.redis
      ? undefined
      : startRedis({ ...common, adminPassword: passwordOf("redis"), users: users.redis }),
    external.nats
      ? undefined
      : startNats({
          ...common,
          admin: { name: "admin", password: passwordOf("nats") },
          provisioner: provisionerOf(secret),
          users: natsUsers,
        }),
    needsElasticsearch ? startElasticsearch(common) : undefined,
  ]);
  const stores = {
    postgres: valueOf(postgres),
    redis: valueOf(redis),
    nats: valueOf(nats),
    elasticsearch: valueOf(elasticsearch),
  };
  const failures = [postgres, redis, nats, elasticsearch].flatMap((one) =>
    one.status === "rejected" ? [one.reason as unknown] : [],
  );
  if (failures.length === 0) return stores;
  await Promise.all(Object.values(stores).map(async (store) => store?.stop()));
  throw new AggregateError(failures, failures.map(messageOf).join("\n\n"));
}

function valueOf<T>(settled: PromiseSettledResult<T>): T | undefined {
  return settled.status === "fulfilled" ? settled.value : undefined;
}

function urlFrom(store: { url: string } | undefined, external: string | undefined): string {
  const url = store?.url ?? external;
  if (url === undefined) throw new Error("A store is neither started nor external.");
  return url;
}
