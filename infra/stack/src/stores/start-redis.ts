import { mkdir, writeFile } from "node:fs/promises";
import path from "node:path";
import { bareEnvironment } from "../processes/bare-environment.ts";
import { startProcess, type RunningProcess } from "../processes/start-process.ts";
import { findRedis } from "./find-stores.ts";
import { redisHash, redisUserLine } from "./redis-permissions.ts";
import { startOnFreePort } from "./start-on-free-port.ts";
import { urlOf, type StoreUser } from "./store-user.ts";
import { waitForAnswer } from "./wait-for-answer.ts";

export type RedisToStart = {
  folder: string;
  /** Free unless asked for. */
  port?: number;
  /** Redis' own all-mighty user. */
  adminPassword?: string;
  /** Each may touch the keys that begin with its name and a colon, by the commands that it needs. */
  users?: StoreUser[];
  say?: (line: string) => void;
};

export type RunningRedis = {
  url: string;
  port: number;
  urlFor: (user: StoreUser) => string;
  process: RunningProcess;
  startAgain: () => Promise<RunningProcess>;
  stop: () => Promise<void>;
};

/** A Redis of its own on loopback: never evicts, and keeps what it was told in an append-only file. */
export async function startRedis(wanted: RedisToStart): Promise<RunningRedis> {
  const { folder, adminPassword = "admin", users = [] } = wanted;
  const program = await findRedis(wanted.say);
  const admin = { name: "default", password: adminPassword };
  const home = path.join(folder, "redis");
  await mkdir(home, { recursive: true, mode: 0o700 });
  return await startOnFreePort(wanted.port, async (port) => {
    const configFile = path.join(home, "redis.conf");
    await writeFile(configFile, configuration(port, home, admin, users, program.version), { mode: 0o600 });
    const server = await startProcess({
      name: "redis",
      command: program.path,
      args: [configFile],
      env: { ...bareEnvironment(), ...program.env },
      dataFolder: folder,
    });
    const greeting = `AUTH default ${adminPassword}\r\nPING\r\n`;
    await waitForAnswer(server, { port, greeting, expects: /\+PONG/ });
    return {
      url: urlOf("redis", port, admin),
      port,
      urlFor: (user) => urlOf("redis", port, user),
      process: server,
      startAgain: async () => (await startRedis({ ...wanted, port })).process,
      stop: () => server.stop(),
    };
  });
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
# Past it, what would write is refused: carts are never evicted, and the machine's memory is not used up.
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
