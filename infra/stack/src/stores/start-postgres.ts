import { existsSync } from "node:fs";
import { chown, mkdir, rename, rm, writeFile } from "node:fs/promises";
import path from "node:path";
import { findPostgres, type PostgresProgram } from "./postgres-program.ts";
import { runCommand } from "./run-command.ts";
import { startStore, type RunningStore } from "./start-store.ts";
import { urlOf } from "./store-user.ts";
import { commandAs, findUnprivilegedUser, type UnprivilegedUser } from "./unprivileged-user.ts";

export type PostgresToStart = {
  folder: string;
  /** A free one by default. */
  port?: number;
  adminPassword?: string;
  /** Whether a commit must survive a power failure (default true): throw-away stores need not. */
  isDurable?: boolean;
};

/** The URL is the superuser's, on the database `postgres`. */
export type RunningPostgres = RunningStore & { url: string };

/** A Postgres of its own on loopback; the cluster is made on the first start. */
export async function startPostgres(wanted: PostgresToStart): Promise<RunningPostgres> {
  const { folder, port, adminPassword = "admin", isDurable = true } = wanted;
  const program = await findPostgres();
  await mkdir(folder, { recursive: true });
  const cluster = path.join(folder, "postgres");
  const user = await postgresUser(program, folder, cluster);
  if (!existsSync(cluster)) await makeCluster(program, user, folder, adminPassword);
  const store = await startStore({
    ...{ name: "postgres", folder, port, program: commandAs(user, program.postgres) },
    // Its fast shutdown; at SIGTERM it waits for clients.
    stopSignal: "SIGINT",
    configure: async (onPort) => ["-D", cluster, "-p", String(onPort), ...settings(isDurable)],
    ready: { greeting: startupPacket, expects: /^R/ },
  });
  const admin = { name: "admin", password: adminPassword };
  return { ...store, url: urlOf("postgres", store.port, admin, "/postgres") };
}

/** The user that Postgres runs as and that owns the cluster; undefined for the launcher's own user. */
export function postgresUser(
  program: PostgresProgram,
  folder: string,
  cluster: string,
): Promise<UnprivilegedUser | undefined> {
  return findUnprivilegedUser({
    title: "Postgres",
    users: ["postgres", "nobody"],
    home: cluster,
    mustReach: [program.postgres, `${folder}/.`],
    advice: "A running Postgres in DATABASE_URL helps as well.",
  });
}

/** Made beside its place and renamed: a start that was killed in the middle begins again. */
async function makeCluster(
  program: PostgresProgram,
  user: UnprivilegedUser | undefined,
  folder: string,
  password: string,
): Promise<void> {
  const draft = path.join(folder, "postgres.new");
  const passwordFile = path.join(folder, "postgres.password");
  await rm(draft, { recursive: true, force: true });
  await mkdir(draft, { mode: 0o700 });
  await writeFile(passwordFile, `${password}\n`, { mode: 0o600 });
  try {
    if (user) await Promise.all([draft, passwordFile].map((file) => chown(file, user.uid, user.gid)));
    const { command, args } = commandAs(user, program.initdb);
    const done = await runCommand(command, [
      ...args,
      ...[`--pgdata=${draft}`, "--username=admin", `--pwfile=${passwordFile}`, "--auth=scram-sha-256"],
      // Built-in collation: the same order and letters whatever locales the machine has.
      ...[
        "--encoding=UTF8",
        "--locale=C",
        "--locale-provider=builtin",
        "--builtin-locale=C.UTF-8",
        "--no-sync",
      ],
    ]);
    if (!done.ok) throw new Error(`Postgres could not make its data folder:\n${done.output}`);
    await rename(draft, path.join(folder, "postgres"));
  } finally {
    await rm(passwordFile, { force: true });
    await rm(draft, { recursive: true, force: true });
  }
}

function settings(isDurable: boolean): string[] {
  const values = {
    listen_addresses: "127.0.0.1",
    // A socket's path may have 107 characters; data folders may be deeper.
    unix_socket_directories: "",
    max_connections: "300",
    shared_buffers: "128MB",
    max_wal_size: "1GB",
    checkpoint_timeout: "15min",
    // Tables grow by the dead rows between two rounds and never shrink: at 130 orders a second 25 MB, by the default 100.
    autovacuum_naptime: "15s",
    random_page_cost: "1.1",
    jit: "off",
    timezone: "UTC",
    log_timezone: "UTC",
    ...(isDurable ? {} : { fsync: "off", synchronous_commit: "off", full_page_writes: "off" }),
  };
  return Object.entries(values).flatMap(([name, value]) => ["-c", `${name}=${value}`]);
}

/** Version 3.0 and a user: a server that takes connections answers with R (how to log in), one that starts with E. */
const startupPacket = ((): string => {
  const body = Buffer.from("\0\x03\0\0user\0admin\0database\0postgres\0\0", "latin1");
  const size = Buffer.alloc(4);
  size.writeInt32BE(body.length + 4);
  return Buffer.concat([size, body]).toString("latin1");
})();
