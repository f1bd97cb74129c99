import { existsSync } from "node:fs";
import path from "node:path";
import { stopOrphans } from "../processes/stop-orphans.ts";
import { startStores, type StoreUrls } from "../stores/start-stores.ts";
import { waitForBacklog } from "../stores/wait-for-backlog.ts";
import { subgraphNames } from "../topology.ts";
import { switchSearchEngine } from "./switch-search-engine.ts";
import { lockDataFolder } from "./lock-data-folder.ts";
import { bootstrapUsersOf } from "./bootstrap-users.ts";
import { urlOn } from "./network-exposure.ts";
import { openFleet, type Fleet } from "./fleet.ts";
import { removeShop } from "./remove-shop.ts";
import { warmCompileCache } from "./warm-compile-cache.ts";
import type { ShopOptions } from "./options.ts";
import { choosePorts, type ShopPorts } from "./choose-ports.ts";
import { gatewayProgram, servicePrograms, stripeProgram, withInspector } from "./programs.ts";
import { restoreMark } from "./data-folder.ts";
import { reservePort, type ReservedPort } from "./reserve-port.ts";
import { loadSecrets } from "./secrets.ts";
import { seedDemo } from "./seed-demo.ts";
import { removeShopFile, writeShopFile, type ShopStatus } from "./shop-file.ts";
import type { Steps } from "./progress-output.ts";
import { restrictPermissions } from "./restrict-permissions.ts";

/** The shop's address, whether a stand-in takes its payments, and the password of the demo's users. */
type Addresses = {
  url: string;
  hasStandIn: boolean;
  demoPassword: string | undefined;
  /** By program, with --inspect. */
  inspectPorts: Record<string, number>;
};

export type Shop = Pick<Fleet, "hold" | "release" | "restart" | "stop"> & Addresses;

/** Starts the whole shop. When a step fails, or `signal` aborts, all that was started is stopped again. */
export async function launch(options: ShopOptions, steps: Steps, signal: AbortSignal): Promise<Shop> {
  const { dataFolder } = options;
  const unlock = await lockDataFolder(dataFolder);
  let report = async (): Promise<void> => undefined;
  let reported = Promise.resolve();
  const fleet = openFleet(
    dataFolder,
    (line) => {
      if (line !== undefined) steps.say(line);
      // One after the other: several programs may restart at once.
      reported = reported
        .then(() => report())
        .catch((error: unknown) => steps.say(`shop.json could not be written: ${String(error)}`));
    },
    signal,
  );
  let port: ReservedPort | undefined;
  const stop = async (): Promise<void> => {
    await fleet.stop();
    await port?.release();
    await removeShopFile(dataFolder);
    await unlock();
  };
  try {
    port = await prepare(options, steps);
    const addresses = await bringUp(options, steps, fleet, port, signal, (reporter) => (report = reporter));
    return { ...addresses, hold: fleet.hold, release: fleet.release, restart: fleet.restart, stop };
  } catch (error) {
    await stop();
    throw error;
  }
}

/** Reserves the gateway's port before anything else takes one, and leaves the folder without orphans. */
async function prepare(options: ShopOptions, { say }: Steps): Promise<ReservedPort> {
  await restrictPermissions(options.dataFolder);
  if (!options.shouldReset && existsSync(path.join(options.dataFolder, restoreMark)))
    throw new Error(
      `A restore into ${options.dataFolder} was broken off: run it again with --replace, or begin afresh with --reset.`,
    );
  const left = await stopOrphans(options.dataFolder);
  if (left.length > 0) say(`ended what an earlier start had left running: ${left.join(", ")}`);
  const port = await reservePort(options.port, options.exposure.gatewayHost);
  try {
    if (options.shouldReset) await removeShop(options.dataFolder);
    return port;
  } catch (error) {
    await port.release();
    throw error;
  }
}

/** Stores, the Stripe stand-in, services, gateway, demo data: each waits for what it needs. */
async function bringUp(
  options: ShopOptions,
  { step, say }: Steps,
  fleet: Fleet,
  port: ReservedPort,
  signal: AbortSignal,
  setReporter: (report: () => Promise<void>) => void,
): Promise<Addresses> {
  const { dataFolder, externalStores: external } = options;
  const secrets = await loadSecrets(dataFolder);
  const hasElasticsearch = options.search === "elasticsearch";
  const title = `Postgres, Redis, NATS${hasElasticsearch ? ", Elasticsearch" : ""}`;
  const compiled = warmCompileCache();
  const stores = await step(title, (say) =>
    startStores({ dataFolder, secret: secrets.stores, external, hasElasticsearch, say }),
  );
  fleet.adopt(stores.started);
  await compiled;
  await switchSearchEngine(options, stores.urls.elasticsearch);
  signal.throwIfAborted();

  const ports = await choosePorts(options.port);
  let isReady = false;
  const inspectPorts: Record<string, number> = {};
  const report = (): Promise<void> =>
    writeShopFile(
      dataFolder,
      statusOf({ options, ports, inspectPorts, fleet, stores: stores.urls, isReady }),
    );
  setReporter(report);

  const users = await bootstrapUsersOf(dataFolder, options.exposure, secrets.demoPassword);
  const context = { options, ports, secrets, users, storeEnv: stores.env };
  const stripe = stripeProgram(context);
  const gateway = gatewayProgram(context, port);
  const waves = [
    { title: "Stripe stand-in", programs: stripe ? [stripe] : [] },
    {
      title: options.isSplit ? "services, each in its own process" : "services",
      programs: servicePrograms(context),
    },
    { title: "gateway", programs: [gateway] },
  ];
  for (const { title, programs } of waves.filter((wave) => wave.programs.length > 0)) {
    const wave = options.isInspected ? await Promise.all(programs.map(withInspector)) : programs;
    for (const { name, inspectPort } of wave) if (inspectPort) inspectPorts[name] = inspectPort;
    await step(title, () => fleet.start(wave, startWithinMs));
    await report();
    signal.throwIfAborted();
  }
  const shop = urlOn(options.exposure.gatewayHost, options.port);
  if (!options.exposure.isProduction)
    await step("demo data", (say) => seedDemo(options, `${shop}/graphql`, users.staff, say, signal));
  const [behind] = await step("catalogue searchable, events handled", () =>
    Promise.all([
      waitForBacklog(stores.backlog, signal),
      fleet.waitUntilReady("gateway", [`${shop}/readyz`], findableWithinMs),
    ]),
  );
  if (behind.length > 0) say(`events still wait: ${behind.join(", ")}; the shop shows what came before them`);
  isReady = true;
  await report();
  return { url: shop, hasStandIn: stripe !== undefined, demoPassword: users.demoPassword, inspectPorts };
}

const startWithinMs = 60_000;
const findableWithinMs = 120_000;

type Running = {
  options: ShopOptions;
  ports: ShopPorts;
  inspectPorts: Record<string, number>;
  fleet: Fleet;
  stores: StoreUrls;
  isReady: boolean;
};

function statusOf({ options, ports, inspectPorts, fleet, stores, isReady }: Running): ShopStatus {
  const shop = urlOn(options.exposure.gatewayHost, options.port);
  const place = (url: string, program: string): ShopStatus["gateway"] => {
    const inspectPort = inspectPorts[program];
    return { url, pid: fleet.pidOf(program), ...(inspectPort !== undefined && { inspectPort }) };
  };
  const here = (port: number): string => `http://127.0.0.1:${port}`;
  const services = subgraphNames.map(
    (name) => [name, place(here(ports.services[name]), options.isSplit ? name : "subgraphs")] as const,
  );
  const storePids = ["postgres", "redis", "nats", "elasticsearch"]
    .map((name) => [name, fleet.pidOf(name)] as const)
    .filter(([, pid]) => pid !== 0);
  return {
    url: `${shop}/graphql`,
    isReady,
    products: options.products,
    launcher: { pid: process.pid },
    gateway: place(shop, "gateway"),
    ...(options.stripe.key === undefined && { stripe: place(here(ports.stripe), "stripe") }),
    services: Object.fromEntries(services),
    stores,
    storePids: Object.fromEntries(storePids),
  };
}
