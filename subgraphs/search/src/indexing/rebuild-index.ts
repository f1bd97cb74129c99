import { messageOf, pollLoop, type Bus, type Logger } from "@shop/service";
import type { RequestInput, RequestReply } from "@shop/events";
import type { ActivityStore } from "../activity/activity-store.ts";
import type { IndexDocument, SearchEngine, SkuStock } from "../engine/engine.ts";
import { RebuildInProgress } from "../engine/errors.ts";
import { toDocument, toStock } from "./to-document.ts";

type Deps = {
  engine: SearchEngine;
  store: Pick<ActivityStore, "withPopularity">;
  bus: Pick<Bus, "request">;
  log: Pick<Logger, "info" | "warn">;
};

export type IndexMaintainer = AsyncDisposable & {
  /** Begins a rebuild unless one is under way, and reports its progress; the old index answers until the new one is filled. */
  rebuild(input: RequestInput<"search.rebuild">): RequestReply<"search.rebuild">;
  /** The reason why searches find nothing useful yet: the index is filled for the first time, or was lost and is empty. */
  notReadyReason(): Promise<string | undefined>;
  /** The reason why the index is incomplete; undefined when it is complete. */
  lackingReason(): Promise<string | undefined>;
};

/**
 * Rebuilds an index that is new or lost, or on an operator's request, from catalog and inventory: the stream keeps no event
 * for ever. Events are written meanwhile, and the higher version wins. Retries until the index is complete; stops when
 * disposed.
 */
export function maintainIndex(deps: Deps): IndexMaintainer {
  const { engine, store, bus, log } = deps;
  const stop = new AbortController();
  const progress: RequestReply<"search.rebuild"> = {
    isRunning: false,
    products: 0,
    ofProducts: 0,
    skus: 0,
    failure: null,
  };
  let filling: Promise<void> | undefined;
  // An index that was complete and may lack something now, since events were lost, serves on while it is rebuilt.
  let wasComplete = false;

  const fill = async () => {
    const ofProducts = await engine.count().catch(() => 0);
    Object.assign(progress, { isRunning: true, products: 0, ofProducts, skus: 0, failure: null });
    try {
      await engine.rebuild(countPages(readSourcePages(bus, store, stop.signal), progress));
      log.info({ products: await engine.count() }, "the search index was filled from its owners");
    } catch (error) {
      progress.failure = messageOf(error);
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
    // With its progress, so that an operator sees that the rebuild goes on.
    return `the search index is being filled: the stock of ${progress.skus} SKUs, ${progress.products} products`;
  };
  const fillOnce = () => (filling ??= fill());
  const onError = (error: unknown, failures: number) =>
    log.warn({ err: error, failures }, "the search index can't be filled yet");
  // Checked for ever, because the index may be lost at any time.
  const checking = pollLoop(
    { everyMs: checkEveryMs, signal: stop.signal, backoff: {}, onError },
    async () => {
      try {
        // A rebuild on request completes the index as well.
        if (filling) await filling;
        else if (!(await isComplete())) await fillOnce();
      } catch (error) {
        if (!(error instanceof RebuildInProgress)) throw error;
      }
    },
  );

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
      await checking.running;
    },
  };
}

type Pages = AsyncIterable<{ documents: IndexDocument[]; stock: SkuStock[] }>;

async function* countPages(pages: Pages, progress: { products: number; skus: number }): Pages {
  for await (const page of pages) {
    yield page;
    progress.products += page.documents.length;
    progress.skus += page.stock.length;
  }
}

const checkEveryMs = 1_000;

/** Pages of all stocks and products, from inventory and catalog, with their popularity. Stock comes first, so that each product is written once, with its stock. */
export async function* readSourcePages(
  bus: Pick<Bus, "request">,
  store: Pick<ActivityStore, "withPopularity">,
  signal: AbortSignal,
): AsyncGenerator<{ documents: IndexDocument[]; stock: SkuStock[] }> {
  for (let after: string | undefined; ;) {
    const input = { limit: 1000, ...(after !== undefined && { after }) };
    const { stock, isLast } = await bus.request("inventory.stock", input, guest, pageTimeout);
    signal.throwIfAborted();
    yield { documents: [], stock: stock.map(toStock) };
    after = stock.at(-1)?.sku;
    if (isLast || after === undefined) break;
  }
  for (let after: string | undefined; ;) {
    const input = { limit: 200, ...(after !== undefined && { after }) };
    const { products, isLast } = await bus.request("catalog.products", input, guest, pageTimeout);
    signal.throwIfAborted();
    yield { documents: await store.withPopularity(products.map(toDocument)), stock: [] };
    after = products.at(-1)?.productId;
    if (isLast || after === undefined) break;
  }
}

const guest = { kind: "guest" } as const;
const pageTimeout = { timeoutMs: 10_000 };
