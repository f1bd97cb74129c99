import { spawn, type ChildProcess } from "node:child_process";
import { createHmac } from "node:crypto";
import { closeSync, openSync, readFileSync } from "node:fs";
import { createServer, type AddressInfo } from "node:net";
import path from "node:path";
import { setTimeout as pause } from "node:timers/promises";
import { hostArguments, nodeFlags, startStores } from "@shop/stack";
import { request } from "undici";
import { standInForOwners } from "./stand-in-owners.ts";

export type SearchEngine = "embedded" | "elasticsearch";

/** The search service in a process of its own, with real stores, and the shop's other services stood in for. */
export type SearchService = AsyncDisposable & {
  /** Its graph. */
  url: string;
  headers: Record<string, string>;
  /** By name: the service, and Elasticsearch where there is one. */
  processes: () => Map<string, number>;
  /** The Elasticsearch's address. */
  elasticsearch: string | undefined;
  /** Starts it, and answers with the seconds that it took to be ready: to have a whole index. */
  start(): Promise<number>;
  stop(): Promise<void>;
};

const identityKey = "the key of a bench's search service";

/** Brings up the stores; the service itself is not started yet. */
export async function searchService(wanted: {
  folder: string;
  products: number;
  engine: SearchEngine;
}): Promise<SearchService> {
  const { folder, products } = wanted;
  await using opened = new AsyncDisposableStack();
  const stores = await startStores({
    dataFolder: folder,
    secret: "a bench",
    services: ["search", "catalog", "inventory"],
    hasElasticsearch: wanted.engine === "elasticsearch",
    say: (line) => console.log(line),
  });
  opened.defer(() => stores.stop());
  const natsUrlOf = (owner: string) =>
    stores.env[owner]?.[`${owner.toUpperCase()}_NATS_URL`] ?? stores.urls.nats;
  const owners = { catalog: natsUrlOf("catalog"), inventory: natsUrlOf("inventory") };
  opened.use(await standInForOwners(owners, products));
  const port = await freePort();
  const log = path.join(folder, "search.log");
  let running: ChildProcess | undefined;

  const stop = async () => {
    if (!running || running.exitCode !== null) return;
    const gone = new Promise((resolve) => running?.once("exit", resolve));
    running.kill("SIGTERM");
    await gone;
  };
  const start = async () => {
    const startedMs = performance.now();
    const output = openSync(log, "a");
    // As the launcher starts it for a shop of this size.
    running = spawn(process.execPath, [...nodeFlags, ...hostArguments(products, ["search"])], {
      stdio: ["ignore", output, output],
      env: {
        ...process.env,
        MALLOC_ARENA_MAX: "2",
        ...stores.env["search"],
        SEARCH_PORT: String(port),
        SEARCH_DATA_FOLDER: path.join(folder, "search"),
        SEARCH_IDENTITY_KEY: identityKey,
        SEARCH_CALLEE_KEYS: JSON.stringify({ catalog: identityKey, inventory: identityKey }),
      },
    });
    closeSync(output);
    while (!(await isReady(port))) {
      if (running.exitCode !== null)
        throw new Error(`The search service ended:\n${readFileSync(log, "utf8").slice(-2_000)}`);
      await pause(100);
    }
    return (performance.now() - startedMs) / 1000;
  };
  opened.defer(stop);
  const resources = opened.move();
  return {
    url: `http://127.0.0.1:${port}/graphql`,
    headers: { "x-shop-identity": guestIdentity() },
    elasticsearch: stores.urls.elasticsearch,
    processes() {
      const server = stores.started.find(({ process }) => process.name === "elasticsearch");
      return new Map([
        ["search", running?.pid ?? 0],
        ...(server ? [["elasticsearch", server.process.pid] as const] : []),
      ]);
    },
    start,
    stop,
    [Symbol.asyncDispose]: () => resources.disposeAsync(),
  };
}

async function isReady(port: number): Promise<boolean> {
  try {
    const { statusCode, body } = await request(`http://127.0.0.1:${port}/readyz`);
    await body.dump();
    return statusCode === 200;
  } catch {
    return false;
  }
}

/** A guest whom the gateway vouches for; good for a day. */
function guestIdentity(): string {
  const claims = { aud: "search", exp: Math.floor(Date.now() / 1000) + 86_400, kind: "guest" };
  const text = Buffer.from(JSON.stringify(claims)).toString("base64url");
  return `${text}.${createHmac("sha256", identityKey).update(text).digest("base64url")}`;
}

function freePort(): Promise<number> {
  return new Promise((resolve) => {
    const server = createServer().listen(0, "127.0.0.1", () => {
      const { port } = server.address() as AddressInfo;
      server.close(() => resolve(port));
    });
  });
}
