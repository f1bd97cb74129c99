import { spawn } from "node:child_process";
import { openSync, readFileSync } from "node:fs";
import path from "node:path";
import type { StartedShop } from "@shop/stack";
import getPort from "get-port";
import { untilReady } from "./shopping.ts";

/** Another gateway whose inventory is another instance, on the same stores as the shop's own. */
export type SecondInstance = { url: string; inventoryPid: number; stop(): Promise<void> };

/**
 * Starts inventory and a gateway once more, as the shop's own run: with the arguments and settings of those processes, on other
 * ports. Linux only: read from /proc. The shop must run with --split.
 */
export async function startSecondInstance(shop: StartedShop, dataFolder: string): Promise<SecondInstance> {
  const { services, gateway } = await shop.status();
  const [inventoryPort, gatewayPort] = [
    await getPort({ host: "127.0.0.1" }),
    await getPort({ host: "127.0.0.1" }),
  ];
  const inventory = again(services["inventory"]?.pid ?? 0, dataFolder, "inventory-2", () => ({
    INVENTORY_PORT: String(inventoryPort),
  }));
  const front = again(gateway.pid, dataFolder, "gateway-2", ({ GATEWAY_SUBGRAPHS = "{}" }) => ({
    GATEWAY_PORT: String(gatewayPort),
    GATEWAY_LISTEN_FD: undefined,
    GATEWAY_SUBGRAPHS: JSON.stringify({
      ...(JSON.parse(GATEWAY_SUBGRAPHS) as Record<string, string>),
      inventory: `http://127.0.0.1:${inventoryPort}/graphql`,
    }),
  }));
  const url = `http://127.0.0.1:${gatewayPort}/graphql`;
  const stop = async () => {
    for (const one of [front, inventory]) {
      if (one.exitCode !== null || one.signalCode !== null) continue;
      const { promise, resolve } = Promise.withResolvers<void>();
      one.once("exit", () => resolve());
      one.kill("SIGTERM");
      await promise;
    }
  };
  try {
    await untilReady(url);
  } catch (error) {
    await stop();
    throw error;
  }
  return { url, inventoryPid: inventory.pid ?? 0, stop };
}

function again(
  pid: number,
  dataFolder: string,
  name: string,
  change: (env: NodeJS.ProcessEnv) => NodeJS.ProcessEnv,
) {
  const read = (file: string) =>
    readFileSync(`/proc/${pid}/${file}`, "utf8")
      .split("\0")
      .filter((part) => part !== "");
  const [command = "", ...args] = read("cmdline");
  const env = Object.fromEntries(
    read("environ").map((pair) => {
      const at = pair.indexOf("=");
      return [pair.slice(0, at), pair.slice(at + 1)];
    }),
  );
  const log = openSync(path.join(dataFolder, `${name}.log`), "a", 0o600);
  return spawn(command, args, { env: { ...env, ...change(env) }, stdio: ["ignore", log, log] });
}
