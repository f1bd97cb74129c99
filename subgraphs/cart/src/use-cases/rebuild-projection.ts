import { pollLoop, type Bus, type Logger, type Postgres } from "@shop/service";
import { applyProducts, applySales, applyStock, isRebuilt, markRebuilt } from "../store/variants.ts";

type Sources = { pg: Postgres; bus: Pick<Bus, "request">; log: Pick<Logger, "info" | "warn"> };

/**
 * Reads all products and stock from catalog and inventory, once in the database's life and beside the events, because the
 * stream may have dropped old events. Retries until both have replied; stops when disposed. `again` reads once more, and
 * throws when they don't reply.
 */
export function rebuildProjection(sources: Sources): AsyncDisposable & { again(): Promise<void> } {
  const { pg, log } = sources;
  const stop = new AbortController();
  const done = new AbortController();
  const backoff = { firstMs: 500, maxMs: 10_000 };
  const onError = (error: unknown, failures: number) =>
    log.warn({ err: error, failures }, "the projection of variants can't be read yet");
  const rebuilding = pollLoop({ everyMs: 0, signal: done.signal, backoff, onError }, async (signal) => {
    if (!(await isRebuilt(pg))) {
      const counts = await readAll(sources, signal);
      if (signal.aborted) return;
      await markRebuilt(pg);
      log.info(counts, "the projection of variants has been read from its owners");
    }
    done.abort();
  });
  return {
    again: async () => void (await readAll(sources, stop.signal)),
    async [Symbol.asyncDispose]() {
      stop.abort();
      await rebuilding[Symbol.asyncDispose]();
    },
  };
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
  const { sales } = await bus.request("inventory.plannedSales", {}, { kind: "guest" });
  await pg.transact((tx) => applySales(tx, sales));
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
