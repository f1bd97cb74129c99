import { backoffMs, waitMs, type Bus, type Logger } from "@shop/service";
import type { Asks, Replies } from "@shop/events";
import type { IndexDocument, SearchEngine, SkuStock } from "./engine.ts";
import { RebuildInProgress } from "./rebuild-in-progress.ts";
import { toDocument, toStock } from "./to-document.ts";

type Deps = { engine: SearchEngine; bus: Pick<Bus, "request">; log: Pick<Logger, "info" | "warn"> };

export type IndexMaintainer = AsyncDisposable & {
  /** Begins a rebuild unless one is under way, and says how far it is; the old index answers until the new one is filled. */
  rebuild(asked: Asks<"search.rebuild">): Replies<"search.rebuild">;
  /** Why nothing useful can be found yet: the index is filled for the first time, or was lost and is empty. */
  notReadyReason(): Promise<string | undefined>;
  /** Why not everything can be found; undefined when it can. */
  lackingReason(): Promise<string | undefined>;
};

/**
 * Fills an index that is new or was lost from what its owners hold, since the stream may have forgotten the beginning;
 * and one that is asked to be filled anew. Events are written meanwhile; versions decide. Tries until it is done; stops
 * when disposed.
 */
export function maintainIndex(deps: Deps): IndexMaintainer {
  const { engine, bus, log } = deps;
  const stop = new AbortController();
  const progress: Replies<"search.rebuild"> = {
    isRunning: false,
    products: 0,
    ofProducts: 0,
    skus: 0,
    failure: null,
  };
  let filling: Promise<void> | undefined;
  // One that was whole and may lack something now, since events were lost, answers on while it is filled anew.
  let wasComplete = false;

  const fill = async () => {
    const ofProducts = await engine.count().catch(() => 0);
    Object.assign(progress, { isRunning: true, products: 0, ofProducts, skus: 0, failure: null });
    try {
      await engine.rebuild(counted(readSourcePages(bus, stop.signal), progress));
      log.info({ products: await engine.count() }, "the search index was filled from its owners");
    } catch (error) {
      progress.failure = error instanceof Error ? error.message : String(error);
      throw error;
    } finally {
      progress.isRunning = false;
      filling = undefined;
    }
  };
  const isComplete = async () => {
    const complete = await engine.isComplete();
    wasComplete ||= complete;
    return complete;
  };
  const lackingReason = async () => {
    if (await isComplete()) return undefined;
    // Whoever waits sees that it goes on.
    return `the search index is being filled: the stock of ${progress.skus} SKUs, ${progress.products} products`;
  };
  const fillOnce = () => (filling ??= fill());
  const running = untilStopped(async () => {
    // A rebuild that was asked for counts as well.
    if (filling) await filling;
    else if (!(await isComplete())) await fillOnce();
  });

  async function untilStopped(look: () => Promise<void>): Promise<void> {
    for (let failures = 0; !stop.signal.aborted;) {
      try {
        await look();
        failures = 0;
      } catch (error) {
        if (stop.signal.aborted) return;
        failures = error instanceof RebuildInProgress ? 0 : failures + 1;
        if (failures > 0) log.warn({ err: error, failures }, "the search index can't be filled yet");
      }
      // Looks again, because the index may be lost at any time.
      await waitMs(failures > 0 ? backoffMs(failures) : checkEveryMs, stop.signal);
    }
  }

  return {
    rebuild({ begin }) {
      if (begin && !filling) {
        progress.isRunning = true;
        fillOnce().catch((error: unknown) => log.warn({ err: error }, "the search index was not rebuilt"));
      }
      return { ...progress };
    },
    async notReadyReason() {
      const reason = await lackingReason();
      return reason && wasComplete && (await engine.count()) > 0 ? undefined : reason;
    },
    lackingReason,
    async [Symbol.asyncDispose]() {
      stop.abort();
      await filling?.catch(() => undefined);
      await running;
    },
  };
}

type Pages = AsyncIterable<{ documents: IndexDocument[]; stock: SkuStock[] }>;

async function* counted(pages: Pages, progress: { products: number; skus: number }): Pages {
  for await (const page of pages) {
    yield page;
    progress.products += page.documents.length;
    progress.skus += page.stock.length;
  }
}

const checkEveryMs = 1_000;

/** All stocks and products of the shop, page by page; stock first, so that each product is written once, with its stock. */
export async function* readSourcePages(
  bus: Pick<Bus, "request">,
  signal: AbortSignal,
): AsyncGenerator<{ documents: IndexDocument[]; stock: SkuStock[] }> {
  for (let after: string | undefined; ;) {
    const asks = { limit: 1000, ...(after !== undefined && { after }) };
    const { stock, isLast } = await bus.request("inventory.stock", asks, guest, patient);
    signal.throwIfAborted();
    yield { documents: [], stock: stock.map(toStock) };
    after = stock.at(-1)?.sku;
    if (isLast || after === undefined) break;
  }
  for (let after: string | undefined; ;) {
    const asks = { limit: 200, ...(after !== undefined && { after }) };
    const { products, isLast } = await bus.request("catalog.products", asks, guest, patient);
    signal.throwIfAborted();
    yield { documents: products.map(toDocument), stock: [] };
    after = products.at(-1)?.productId;
    if (isLast || after === undefined) break;
  }
}

const guest = { kind: "guest" } as const;
const patient = { timeoutMs: 10_000 };
