import { existsSync } from "node:fs";
import { mkdir, rename, writeFile } from "node:fs/promises";
import path from "node:path";
import { findNats } from "./find-stores.ts";
import { natsAccounts, streamAccount, type NatsUser } from "./nats-permissions.ts";
import { startStore, type RunningStore } from "./start-store.ts";
import { urlOf, type StoreUser } from "./store-user.ts";

export type NatsToStart = {
  folder: string;
  /** A free one by default. */
  port?: number;
  /** May do everything. */
  admin?: StoreUser;
  /** The services', each in an account of its own. Without any, the admin is the only user. */
  users?: NatsUser[];
  /** May make the stream and its consumers and nothing else. */
  provisioner?: StoreUser;
  say?: (line: string) => void;
};

export type RunningNats = RunningStore & { url: string; urlFor: (user: StoreUser) => string };

/** A nats-server of its own with JetStream on file, on loopback. */
export async function startNats(wanted: NatsToStart): Promise<RunningNats> {
  const { folder, port, admin = { name: "admin", password: "admin" }, users, provisioner } = wanted;
  const { path: command, env } = await findNats(wanted.say);
  const home = path.join(folder, "nats");
  if (users) await moveStreamToItsAccount(path.join(home, "jetstream"));
  const store = await startStore({
    ...{ name: "nats", folder, port, program: { command, args: [], env } },
    async configure(onPort) {
      const file = path.join(home, "nats.conf");
      await mkdir(home, { recursive: true, mode: 0o700 });
      const access = users ? natsAccounts(admin, provisioner, users) : onlyUser(admin);
      await writeFile(file, configuration(onPort, home, access), { mode: 0o600 });
      return ["--config", file];
    },
    ready: { expects: /^INFO / },
  });
  const urlFor = (user: StoreUser) => urlOf("nats", store.port, user);
  return { ...store, url: urlFor(admin), urlFor };
}

/** Releases before accounts kept the stream in the server's global one. */
async function moveStreamToItsAccount(folder: string): Promise<void> {
  const [from, to] = [path.join(folder, "$G"), path.join(folder, streamAccount)];
  if (existsSync(from) && !existsSync(to)) await rename(from, to);
}

function onlyUser({ name, password }: StoreUser): string {
  return `authorization { user: ${JSON.stringify(name)}, password: ${JSON.stringify(password)} }`;
}

function configuration(port: number, home: string, access: string): string {
  return `
server_name: shop
listen: "127.0.0.1:${port}"
max_payload: 4MB
jetstream { store_dir: ${JSON.stringify(home)} }
${access}
`;
}
