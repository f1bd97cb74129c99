import { access, mkdir, rename, writeFile } from "node:fs/promises";
import path from "node:path";
import { bareEnvironment } from "../processes/bare-environment.ts";
import { startProcess, type RunningProcess } from "../processes/start-process.ts";
import { findNats } from "./find-stores.ts";
import { natsAccounts, streamAccount, type NatsUser } from "./nats-permissions.ts";
import { startOnFreePort } from "./start-on-free-port.ts";
import { urlOf, type StoreUser } from "./store-user.ts";
import { waitForAnswer } from "./wait-for-answer.ts";

export type NatsToStart = {
  folder: string;
  /** Free unless asked for. */
  port?: number;
  /** May do everything. */
  admin?: StoreUser;
  /** The services', each in an account of its own. Without any, the admin is the only user. */
  users?: NatsUser[];
  /** May make the stream and its consumers and nothing else. */
  provisioner?: StoreUser;
  say?: (line: string) => void;
};

export type RunningNats = {
  url: string;
  port: number;
  urlFor: (user: StoreUser) => string;
  process: RunningProcess;
  startAgain: () => Promise<RunningProcess>;
  stop: () => Promise<void>;
};

/** A nats-server of its own with JetStream on file, on loopback. */
export async function startNats(wanted: NatsToStart): Promise<RunningNats> {
  const { folder, admin = { name: "admin", password: "admin" } } = wanted;
  const program = await findNats(wanted.say);
  if (wanted.users) await moveStreamToItsAccount(path.join(folder, "nats", "jetstream"));
  await mkdir(path.join(folder, "nats"), { recursive: true, mode: 0o700 });
  return await startOnFreePort(wanted.port, async (port) => {
    const configFile = path.join(folder, "nats", "nats.conf");
    await writeFile(configFile, configuration(port, path.join(folder, "nats"), { ...wanted, admin }), {
      mode: 0o600,
    });
    const server = await startProcess({
      name: "nats",
      command: program.path,
      args: ["--config", configFile],
      env: { ...bareEnvironment(), ...program.env },
      dataFolder: folder,
    });
    await waitForAnswer(server, { port, expects: /^INFO / });
    return {
      url: urlOf("nats", port, admin),
      port,
      urlFor: (user) => urlOf("nats", port, user),
      process: server,
      startAgain: async () => (await startNats({ ...wanted, port })).process,
      stop: () => server.stop(),
    };
  });
}

/** A release before accounts kept the stream in the server's global one. */
async function moveStreamToItsAccount(folder: string): Promise<void> {
  const isThere = async (name: string): Promise<boolean> =>
    access(path.join(folder, name)).then(
      () => true,
      () => false,
    );
  if ((await isThere("$G")) && !(await isThere(streamAccount)))
    await rename(path.join(folder, "$G"), path.join(folder, streamAccount));
}

function configuration(
  port: number,
  folder: string,
  { admin, provisioner, users }: { admin: StoreUser; provisioner?: StoreUser; users?: NatsUser[] },
): string {
  const onlyAdmin = `authorization { user: ${JSON.stringify(admin.name)}, password: ${JSON.stringify(admin.password)} }`;
  return `
server_name: shop
listen: "127.0.0.1:${port}"
max_payload: 4MB
jetstream { store_dir: ${JSON.stringify(folder)} }
${users ? natsAccounts(admin, provisioner, users) : onlyAdmin}
`;
}
