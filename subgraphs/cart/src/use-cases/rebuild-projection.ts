import { backoffMs, sleep, type Bus, type Logger, type Postgres } from "@shop/service";
import { applyProducts, applyStock, isRebuilt, markRebuilt } from "../store/variants.ts";

type Sources = { pg: Postgres; bus: Pick<Bus, "request">; log: Pick<Logger, "info" | "warn"> };

/**
 * Reads all products and stock from catalog and inventory, once in the database's life and beside the events, because the
 * stream may have dropped old events. Retries until both have replied; stops when disposed. `again` reads once more, and
 * throws when they don't reply.
 */
export function rebuildProjection(sources: Sources): AsyncDisposable & { again(): Promise<void> } {
  const stop = new AbortController();
  const running = untilDone(sources, stop.signal);
  return {
    again: async () => void (await readAll(sources, stop.signal)),
    async [Symbol.asyncDispose]() {
      stop.abort();
      await running;
    },
  };
}

async function untilDone(sources: Sources, signal: AbortSignal): Promise<void> {
  const { pg, log } = sources;
  for (let attempt = 1; !signal.aborted; attempt++) {
    const waitMs = backoffMs(attempt, 500, 10_000);
    try {
      if (await isRebuilt(pg)) return;
      const counts = await readAll(sources, signal);
      if (signal.aborted) return;
      await markRebuilt(pg);
      return log.info(counts, "the projection of variants has been read from its owners");
    } catch (error) {
      log.warn({ err: error, waitMs }, "the projection of variants can't be read yet");
    }
    await sleep(waitMs, signal);
  }
}

async function readAll(
  { pg, bus }: Sources,
  signal: AbortSignal,
): Promise<{ products: number; stock: number }> {
  const products = await readPages(signal, async (page) => {
    const input = { limit: productsPerPage, ...page };
    const { products, isLast } = await bus.request("catalog.products", input, { kind: "guest" });
    await pg.transact((tx) => applyProducts(tx, products));
    return { count: products.length, next: isLast ? undefined : products.at(-1)?.productId };
  });
  const stock = await readPages(signal, async (page) => {
    const input = { limit: stockPerPage, ...page };
    const { stock, isLast } = await bus.request("inventory.stock", input, { kind: "guest" });
    await pg.transact((tx) => applyStock(tx, stock));
    return { count: stock.length, next: isLast ? undefined : stock.at(-1)?.sku };
  });
  return { products, stock };
}

/** Reads page after page until the owner has no next one; returns how many rows it had. */
async function readPages(
  signal: AbortSignal,
  readPage: (page: { after?: string }) => Promise<{ count: number; next: string | undefined }>,
): Promise<number> {
  let total = 0;
  let after: string | undefined;
  while (!signal.aborted) {
    const { count, next } = await readPage(after === undefined ? {} : { after });
    total += count;
    if (next === undefined) break;
    after = next;
  }
  return total;
}

// A NATS message takes at most a megabyte, and a product may have a long description.
const productsPerPage = 50;
const stockPerPage = 1000;
