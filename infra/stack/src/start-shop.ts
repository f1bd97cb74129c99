import { fork } from "node:child_process";
import { once } from "node:events";
import { closeSync, mkdirSync, openSync } from "node:fs";
import path from "node:path";
import { setTimeout as wait } from "node:timers/promises";
import { fileURLToPath } from "node:url";
import { freePort } from "./processes/free-port.ts";
import { controlReply, type ControlCommand } from "./launcher/control-channel.ts";
import { readShopFile, type ShopStatus } from "./launcher/shop-file.ts";
import { tailOf } from "./processes/start-process.ts";

export type ShopToStart = {
  dataFolder: string;
  /** The gateway's; a free one by default. */
  port?: number;
  isSplit?: boolean;
  products?: number;
  /** Default: the embedded one. */
  search?: "embedded" | "elasticsearch";
  env?: Record<string, string>;
};

export type StartedShop = {
  /** The graph. */
  url: string;
  /** The current status: a restart changes pids. */
  status: () => Promise<ShopStatus>;
  /** Signals the process that hosts a service, the gateway, the Stripe stand-in or a store. */
  kill: (name: string, signal: NodeJS.Signals) => Promise<void>;
  /** Stops a service (with `isSplit`), the gateway or a store, and keeps it down until `release`. */
  hold: (name: string) => Promise<void>;
  /** Starts it again, and waits until it is ready. */
  release: (name: string) => Promise<void>;
  stop: () => Promise<void>;
  [Symbol.asyncDispose]: () => Promise<void>;
};

/** Runs the launcher as `npm start` does and waits until the shop is open; it goes down with this process. */
export async function startShop(wanted: ShopToStart): Promise<StartedShop> {
  const { dataFolder, isSplit = false, products = 200 } = wanted;
  const port = wanted.port ?? (await freePort());
  mkdirSync(dataFolder, { recursive: true, mode: 0o700 });
  const logFile = path.join(dataFolder, "launcher.log");
  const log = openSync(logFile, "a", 0o600);
  const args = [
    ...["--data", dataFolder, "--products", String(products), "--search", wanted.search ?? "embedded"],
    ...(isSplit ? ["--split"] : []),
  ];
  const launcher = fork(fileURLToPath(new URL("start.ts", import.meta.url)), args, {
    detached: true,
    stdio: ["ignore", log, log, "ipc"],
    env: { ...process.env, PORT: String(port), ...wanted.env },
    execArgv: [],
  });
  closeSync(log);
  let isGone = false;
  const gone = once(launcher, "exit").then(() => (isGone = true));

  let commands = 0;
  const command = async (act: ControlCommand["act"], name: string): Promise<void> => {
    const id = commands++;
    const { promise, resolve, reject } = Promise.withResolvers<void>();
    const onMessage = (message: unknown): void => {
      const reply = controlReply.parse(message);
      if (reply.id !== id) return;
      launcher.off("message", onMessage);
      if (reply.error === undefined) resolve();
      else reject(new Error(reply.error));
    };
    launcher.on("message", onMessage);
    launcher.send({ id, act, name } satisfies ControlCommand);
    await promise;
  };
  const stop = async (): Promise<void> => {
    if (!isGone) launcher.kill("SIGTERM");
    await gone;
  };
  for (;;) {
    const now = await readShopFile(dataFolder);
    if (now?.isReady && now.launcher.pid === launcher.pid) break;
    if (isGone) throw new Error(`The shop did not open:\n${tailOf(logFile, 30)}`);
    await wait(50);
  }
  const status = async (): Promise<ShopStatus> => {
    const now = await readShopFile(dataFolder);
    if (!now) throw new Error("The shop is closed.");
    return now;
  };
  return {
    url: `http://127.0.0.1:${port}/graphql`,
    status,
    kill: async (name, signal) => {
      const { services, gateway, stripe, storePids } = await status();
      const pid = { ...storePids, gateway: gateway.pid, stripe: stripe?.pid }[name] ?? services[name]?.pid;
      if (!pid) throw new Error(`Nothing called ${name} runs here.`);
      process.kill(pid, signal);
    },
    hold: (name) => command("hold", name),
    release: (name) => command("release", name),
    stop,
    [Symbol.asyncDispose]: stop,
  };
}
