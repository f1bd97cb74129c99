import { mkdir, writeFile } from "node:fs/promises";
import path from "node:path";
import { findRedis } from "./find-stores.ts";
import { redisHash, redisUserLine } from "./redis-permissions.ts";
import { startStore, type RunningStore } from "./start-store.ts";
import { urlOf, type StoreUser } from "./store-user.ts";

export type RedisToStart = {
  folder: string;
  /** A free one by default. */
  port?: number;
  /** The password of the user `default`, who may do everything. */
  adminPassword?: string;
  /** Each may touch the keys that begin with its name and a colon, by the commands that it needs. */
  users?: StoreUser[];
  say?: (line: string) => void;
};

export type RunningRedis = RunningStore & { url: string; urlFor: (user: StoreUser) => string };

/** A Redis of its own on loopback: it evicts nothing, and keeps its data in an append-only file. */
export async function startRedis(wanted: RedisToStart): Promise<RunningRedis> {
  const { folder, port, adminPassword = "admin", users = [] } = wanted;
  const { path: command, env, version } = await findRedis(wanted.say);
  const admin = { name: "default", password: adminPassword };
  const home = path.join(folder, "redis");
  const store = await startStore({
    ...{ name: "redis", folder, port, program: { command, args: [], env } },
    async configure(onPort) {
      const file = path.join(home, "redis.conf");
      await mkdir(home, { recursive: true, mode: 0o700 });
      await writeFile(file, configuration(onPort, home, admin, users, version), { mode: 0o600 });
      return [file];
    },
    ready: { greeting: `AUTH default ${adminPassword}\r\nPING\r\n`, expects: /\+PONG/ },
  });
  const urlFor = (user: StoreUser) => urlOf("redis", store.port, user);
  return { ...store, url: urlFor(admin), urlFor };
}

function configuration(
  port: number,
  home: string,
  admin: StoreUser,
  users: StoreUser[],
  version: string,
): string {
  return `
bind 127.0.0.1
port ${port}
dir ${JSON.stringify(home)}
daemonize no
# Past it, Redis refuses writes: carts are never evicted, and the machine's memory is not used up.
maxmemory ${maxMemory}
maxmemory-policy noeviction
appendonly yes
appendfsync everysec
save ""
user ${admin.name} reset on ${redisHash(admin.password)} ~* &* +@all
${users.map((user) => redisUserLine(user, version)).join("\n")}
`;
}

/** Some 100,000 guest carts, the cached searches and the throttles. */
const maxMemory = "512mb";
