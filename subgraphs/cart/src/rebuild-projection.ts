import type { Bus, Logger, Postgres } from "@shop/service";

import { applyProducts, applyStock, isRebuilt, markRebuilt } from "./store/variants.ts";

type Needs = { pg: Postgres; bus: Pick<Bus, "request">; log: Pick<Logger, "info" | "warn"> };

/**
 * RequestInput the owners for all they have, once in a database's life, beside the events: those of long ago may be gone from
 * the stream. Tries again until it was answered; stops when disposed. `again` asks once more, and fails if they don't answer.
 */
export function rebuildProjection(needs: Needs): AsyncDisposable & { again(): Promise<void> } {
  const stop = new AbortController();
  const running = untilDone(needs, stop.signal);
  return {
    async again() {
      await readProducts(needs, stop.signal);
      await readStock(needs, stop.signal);
    },
    async [Symbol.asyncDispose]() {
      stop.abort();
      await running;
    },
  };
}

async function untilDone(needs: Needs, signal: AbortSignal): Promise<void> {
  for (let sleep = 500; !signal.aborted; sleep = Math.min(sleep * 2, 10_000)) {
    try {
      if (await isRebuilt(needs.pg)) return;
      const counts = { products: await readProducts(needs, signal), stock: await readStock(needs, signal) };
      if (signal.aborted) return;
      await markRebuilt(needs.pg);
      return needs.log.info(counts, "the projection of variants has been read from its owners");
    } catch (error) {
      needs.log.warn({ err: error, sleep }, "the projection of variants can't be read yet");
    }
    await pause(sleep, signal);
  }
}

async function readProducts({ pg, bus }: Needs, signal: AbortSignal): Promise<number> {
  let count = 0;
  let after: string | undefined;
  while (!signal.aborted) {
    const asks = { limit: productsAtOnce, ...(after !== undefined && { after }) };
    const { products, isLast } = await bus.request("catalog.products", asks, { kind: "guest" });
    await pg.transact((tx) => applyProducts(tx, products));
    count += products.length;
    after = products.at(-1)?.productId;
    if (isLast || after === undefined) break;
  }
  return count;
}

async function readStock({ pg, bus }: Needs, signal: AbortSignal): Promise<number> {
  let count = 0;
  let after: string | undefined;
  while (!signal.aborted) {
    const asks = { limit: stockAtOnce, ...(after !== undefined && { after }) };
    const { stock, isLast } = await bus.request("inventory.stock", asks, { kind: "guest" });
    await pg.transact((tx) => applyStock(tx, stock));
    count += stock.length;
    after = stock.at(-1)?.sku;
    if (isLast || after === undefined) break;
  }
  return count;
}

function pause(ms: number, signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    const timer = setTimeout(resolve, ms);
    signal.addEventListener("abort", () => (clearTimeout(timer), resolve()), { once: true });
  });
}

// NATS takes a megabyte a message, and a product may have a long description.
const productsAtOnce = 50;
const stockAtOnce = 1000;
