import { fork } from "node:child_process";
import { closeSync, mkdirSync, openSync } from "node:fs";
import path from "node:path";
import { setTimeout as wait } from "node:timers/promises";
import { fileURLToPath } from "node:url";
import getPort from "get-port";
import { report, type Order, type Report } from "./launcher/control-channel.ts";
import { readShopFile, type ShopStatus } from "./launcher/shop-file.ts";
import { tailOf } from "./processes/start-process.ts";

export type ShopToStart = {
  dataFolder: string;
  /** The gateway's; free unless told. */
  port?: number;
  isSplit?: boolean;
  products?: number;
  /** The embedded one unless told. */
  search?: "embedded" | "elasticsearch";
  env?: Record<string, string>;
};

export type StartedShop = {
  /** The graph. */
  url: string;
  /** As it is now: pids change when something is started again. */
  status: () => Promise<ShopStatus>;
  /** Signals the process that hosts a service, the gateway, the Stripe stand-in or a store. */
  kill: (name: string, signal: NodeJS.Signals) => Promise<void>;
  /** Stops a service (with `isSplit`), the gateway or a store, and keeps it down until `release`. */
  hold: (name: string) => Promise<void>;
  /** Lets it come up again; answers once it is ready. */
  release: (name: string) => Promise<void>;
  stop: () => Promise<void>;
  [Symbol.asyncDispose]: () => Promise<void>;
};

/** Runs the launcher as `npm start` does and waits until the shop is open; it goes down with this process. */
export async function startShop(wanted: ShopToStart): Promise<StartedShop> {
  const { dataFolder, isSplit = false, products = 200 } = wanted;
  const port = wanted.port ?? (await getPort({ host: "127.0.0.1" }));
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
  const gone = new Promise<void>((resolve) => launcher.once("exit", () => resolve()));
  void gone.then(() => (isGone = true));

  let orders = 0;
  const tell = async (act: Order["act"], name: string): Promise<void> => {
    const id = orders++;
    const obeyed = new Promise<Report>((resolve) => {
      const hear = (message: unknown): void => {
        const answer = report.parse(message);
        if (answer.id !== id) return;
        launcher.off("message", hear);
        resolve(answer);
      };
      launcher.on("message", hear);
    });
    launcher.send({ id, act, name } satisfies Order);
    const { error } = await obeyed;
    if (error !== undefined) throw new Error(error);
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
    hold: (name) => tell("hold", name),
    release: (name) => tell("release", name),
    stop,
    [Symbol.asyncDispose]: stop,
  };
}
