import { access, mkdir, writeFile } from "node:fs/promises";
import path from "node:path";
import { bareEnvironment } from "../processes/bare-environment.ts";
import { startProcess, type RunningProcess } from "../processes/start-process.ts";
import { allowDirectReads } from "./allow-direct-reads.ts";
import { findNats } from "./find-stores.ts";
import type { NatsUser } from "./nats-permissions.ts";
import { startOnFreePort } from "./start-on-free-port.ts";
import { urlOf, type StoreUser } from "./store-user.ts";
import { waitForAnswer } from "./wait-for-answer.ts";

export type NatsToStart = {
  folder: string;
  /** Free unless asked for. */
  port?: number;
  /** May do everything. */
  admin?: StoreUser;
  users?: NatsUser[];
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
  const { folder, admin = { name: "admin", password: "admin" }, users = [] } = wanted;
  const program = await findNats(wanted.say);
  const isOld = await access(path.join(folder, "nats", "jetstream")).then(
    () => true,
    () => false,
  );
  await mkdir(path.join(folder, "nats"), { recursive: true, mode: 0o700 });
  return await startOnFreePort(wanted.port, async (port) => {
    const configFile = path.join(folder, "nats", "nats.conf");
    await writeFile(configFile, configuration(port, path.join(folder, "nats"), admin, users), {
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
    if (isOld) await allowDirectReads(port, admin);
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

function configuration(port: number, folder: string, admin: StoreUser, users: NatsUser[]): string {
  return `
server_name: shop
listen: "127.0.0.1:${port}"
max_payload: 4MB
jetstream { store_dir: ${JSON.stringify(folder)} }
authorization {
  users: [
    { user: ${JSON.stringify(admin.name)}, password: ${JSON.stringify(admin.password)} }
${users.map(userLine).join("\n")}
  ]
}
`;
}

/** Who was asked may answer, once and soon; so nobody needs the right to publish to others' inboxes. */
function userLine({ name, password, publish, subscribe }: NatsUser): string {
  return `    { user: ${JSON.stringify(name)}, password: ${JSON.stringify(password)}, permissions: {
      publish: { allow: ${JSON.stringify(publish)} }
      subscribe: { allow: ${JSON.stringify(subscribe)} }
      allow_responses: { max: 1, expires: "10s" }
    } }`;
}
