import { backoffMs, waitMs, type Bus, type Logger } from "@shop/service";
import type { IndexDocument, SearchEngine, SkuStock } from "./engine.ts";
import { toDocument, toStock } from "./mapping.ts";

type Needs = { engine: SearchEngine; bus: Pick<Bus, "request">; log: Pick<Logger, "info" | "warn"> };

/**
 * Fills an index that is new or was lost from what its owners hold, since the stream may have forgotten the beginning.
 * Events are written meanwhile; versions decide. Tries until it is done; stops when disposed.
 */
export function completeIndex(needs: Needs): AsyncDisposable {
  const stop = new AbortController();
  const running = untilComplete(needs, stop.signal);
  return {
    async [Symbol.asyncDispose]() {
      stop.abort();
      await running;
    },
  };
}

async function untilComplete({ engine, bus, log }: Needs, signal: AbortSignal): Promise<void> {
  for (let failures = 0; !signal.aborted;) {
    try {
      if (!(await engine.isComplete())) {
        await engine.rebuild(pagesOf(bus, signal));
        log.info({ products: await engine.count() }, "the search index was filled from its owners");
      }
      failures = 0;
    } catch (error) {
      if (signal.aborted) return;
      failures++;
      log.warn({ err: error, failures }, "the search index can't be filled yet");
    }
    // Looks again, because the index may be lost at any time.
    await waitMs(failures > 0 ? backoffMs(failures) : lookAgainMs, signal);
  }
}

/** Why not everything can be found yet; undefined when it can. */
export async function whyIncomplete(engine: SearchEngine): Promise<string | undefined> {
  return (await engine.isComplete()) ? undefined : "the search index is being filled";
}

const lookAgainMs = 1_000;

/** All products and stocks of the shop, page by page. */
export async function* pagesOf(
  bus: Pick<Bus, "request">,
  signal: AbortSignal,
): AsyncGenerator<{ documents: IndexDocument[]; stock: SkuStock[] }> {
  for (let after: string | undefined; ;) {
    const asks = { limit: 200, ...(after !== undefined && { after }) };
    const { products, isLast } = await bus.request("catalog.products", asks, guest, patient);
    signal.throwIfAborted();
    yield { documents: products.map(toDocument), stock: [] };
    after = products.at(-1)?.productId;
    if (isLast || after === undefined) break;
  }
  for (let after: string | undefined; ;) {
    const asks = { limit: 1000, ...(after !== undefined && { after }) };
    const { stock, isLast } = await bus.request("inventory.stock", asks, guest, patient);
    signal.throwIfAborted();
    yield { documents: [], stock: stock.map(toStock) };
    after = stock.at(-1)?.sku;
    if (isLast || after === undefined) break;
  }
}

const guest = { kind: "guest" } as const;
const patient = { timeoutMs: 10_000 };
