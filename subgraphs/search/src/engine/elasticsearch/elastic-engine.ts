import { Client } from "@elastic/elasticsearch";
import { sleep, withTimeout } from "@shop/service";
import type { Language } from "../../text/language.ts";
import { searchProducts } from "../../query/search-products.ts";
import { suggest } from "../../query/suggest.ts";
import { SynonymFile } from "../../text/synonym-file.ts";
import type { IndexDocument, SearchEngine, SkuStock } from "../engine.ts";
import { ItemError, RebuildInProgress } from "../errors.ts";
import { rebuildLock } from "./rebuild-lock.ts";
import { coordinationIndex } from "./coordination-index.ts";
import { mapping } from "./elastic-document.ts";
import { kindsOf, writePopularity } from "./product-kinds.ts";
import { indexAliases } from "./index-aliases.ts";
import { vocabularySync } from "./vocabulary-sync.ts";
import { readVocabulary } from "./read-vocabulary.ts";
import { elasticSearchIndex } from "./elastic-search-index.ts";
import { writeElastic, type Target, type WriteOutcome } from "./write-elastic.ts";

/** Changes in one bulk request. */
const batchSize = 200;
const readyWithinMs = 1_000;
/** Every instance notices a rebuild of another one within this time; the one that rebuilds waits longer before it reads the first page. */
const noticedWithinMs = 1_000;
const noticedForSureMs = 1_200;
const defaultTimeoutMs = 2_000;

export type ElasticSettings = {
  url: string;
  /** The prefix of the index names. */
  prefix: string;
  languages: [Language, ...Language[]];
  shopCurrency: string;
  synonymsFile?: string | undefined;
  /** Limit of a shopper's request; 2 s by default. */
  timeoutMs?: number;
  /** The time without a heartbeat after which a rebuild counts as dead; 20 s by default. */
  lockTimeoutMs?: number;
  /** Minimum time from the start of one write to the next; 200 ms by default. */
  writeIntervalMs?: number;
};

/** The engine on Elasticsearch 8 or 9. The server need not be up at the start: each call tries, and fails while it is away. */
export function openElasticEngine(settings: ElasticSettings): SearchEngine {
  const client = new Client({ node: settings.url, maxRetries: 1, requestTimeout: 10_000 });
  // Shoppers' requests fail fast when the server hangs.
  const quick = client.child({ maxRetries: 0, requestTimeout: settings.timeoutMs ?? defaultTimeoutMs });
  const aliases = indexAliases(client, settings.prefix);
  const { current, next } = aliases;
  const coordination = coordinationIndex(client, settings.prefix);
  const lock = rebuildLock(client, coordination.index, settings.lockTimeoutMs ?? 20_000);
  const synonymFile = new SynonymFile(settings.synonymsFile, settings.languages);
  let isFilling = false;
  let wasComplete = true;
  let revision = 0;
  let writing: Promise<unknown> = Promise.resolve();
  let wroteAt = 0;
  let noticed = { isFilling: false, atMs: -Infinity };
  const closing = new AbortController();
  let removing: Promise<unknown> = Promise.resolve();

  const prepare = async () => {
    await coordination.ensure();
    if (!(await aliases.hasCurrent())) await makeCurrent();
    // Adds the fields of later releases.
    await client.indices.putMapping({ index: current.products, properties: mapping.properties ?? {} });
  };
  const makeCurrent = async () => {
    await using held = await lock.acquire();
    if (!held) throw new ItemError(503, "another instance is making the index");
    if (!(await aliases.hasCurrent())) await aliases.createCurrent();
  };
  // One after the other, so that a switch never comes between the two halves of a write.
  const inTurn = <T>(work: () => Promise<T>): Promise<T> => {
    const done = writing.then(work, work);
    writing = done.catch(() => undefined);
    return done;
  };
  const sync = vocabularySync({
    client,
    index: current.products,
    marks: coordination.index,
    prepare,
    ensureMarks: coordination.ensure,
    inTurn,
    onForeignChange: () => revision++,
  });
  const searched = async () => {
    const { vocabulary, categories, documents } = await sync.get();
    const { languages, shopCurrency } = settings;
    const own = { client: quick, index: current.products, synonyms: synonymFile.synonyms };
    return elasticSearchIndex({ ...own, vocabulary, categories, documents, languages, shopCurrency });
  };
  const writeTo = async (target: Target, documents: readonly IndexDocument[], stock: readonly SkuStock[]) => {
    if (target === current) await sync.get();
    for (let at = 0; at < Math.max(documents.length, stock.length); at += batchSize) {
      const [some, someStock] = [documents.slice(at, at + batchSize), stock.slice(at, at + batchSize)];
      const outcome: WriteOutcome = { changes: [], isAll: true };
      try {
        await writeElastic(client, target, some, someStock, settings.languages, outcome);
      } finally {
        const { changes, isAll } = outcome;
        if (target === current && (changes.length > 0 || !isAll)) {
          revision++;
          await sync.apply(changes, isAll);
        }
      }
    }
  };
  // A write with a refresh costs the server 60 ms of work, for one change as for forty: so writes in a rush are batched. A
  // single change does not wait.
  const throttleWrites = async () => {
    const { writeIntervalMs = 200 } = settings;
    const restMs = wroteAt + writeIntervalMs - performance.now();
    if (restMs > 0) await sleep(restMs);
    wroteAt = performance.now();
  };

  // The indices of a killed rebuild are removed: they have missed changes, so they can't be filled on.
  const isBeingFilled = async (): Promise<boolean> => {
    if (!(await aliases.hasNext())) return false;
    if (await lock.isHeld()) return true;
    await using held = await lock.acquire();
    if (!held) return true;
    await aliases.removeNext();
    return false;
  };
  // A page of a rebuild lacks what is committed after it was read, so the event must reach the new index as well, whichever
  // instance handles it.
  const writeToNext = async (documents: readonly IndexDocument[], stock: readonly SkuStock[]) => {
    if (isFilling) return writeTo(next, documents, stock);
    if (performance.now() - noticed.atMs > noticedWithinMs) {
      const atMs = performance.now();
      noticed = { isFilling: await isBeingFilled(), atMs };
    }
    if (!noticed.isFilling) return;
    await writeTo(next, documents, stock).catch(async (error: unknown) => {
      // The next generation may be the current one by now, or the rebuild may have been given up.
      if (await isBeingFilled()) throw error;
    });
  };
  // Searches that are under way still need the old indices.
  const removeLater = async (indices: readonly string[]) => {
    await sleep(settings.timeoutMs ?? defaultTimeoutMs, closing.signal);
    // If this fails, the next rebuild removes them.
    await aliases.remove(indices).catch(() => undefined);
  };

  return {
    search: async (request) => searchProducts(await searched(), request),
    suggest: async (prefix, size) => suggest(await searched(), prefix, size),
    setPopularity: (popularity) =>
      inTurn(async () => {
        if (isFilling || (await isBeingFilled())) return false;
        return writePopularity(client, current.products, popularity);
      }),
    kindsOf: (productIds) => kindsOf(quick, current.products, productIds),
    write: (documents, stock) =>
      inTurn(async () => {
        if (documents.length + stock.length > 0) await throttleWrites();
        await writeToNext(documents, stock);
        await writeTo(current, documents, stock);
      }),
    count: async () => (await sync.get()).count,
    revision: () => {
      if (synonymFile.reload()) revision++;
      return revision;
    },
    isComplete: async () => (wasComplete = await aliases.isComplete()),
    async markIncomplete() {
      // A missing index is rebuilt in any case.
      if (await aliases.hasCurrent()) await aliases.markIncomplete();
    },
    async rebuild(pages) {
      await coordination.ensure();
      await using held = await lock.acquire();
      // Another instance may have completed the index since the caller found it incomplete.
      if (!held || (!wasComplete && (await aliases.isComplete()))) throw new RebuildInProgress();
      const fresh = await inTurn(async () => {
        const begun = await aliases.beginNext();
        isFilling = true;
        return begun;
      });
      try {
        await sleep(noticedForSureMs);
        for await (const { documents, stock } of pages) await inTurn(() => writeTo(next, documents, stock));
        await inTurn(async () => {
          await aliases.settleNext();
          const fromNow = await readVocabulary(client, next.products);
          removing = removeLater(await aliases.switchTo(fresh));
          sync.replace(fromNow);
          isFilling = false;
          revision++;
        });
      } catch (error) {
        await aliases.remove(Object.values(fresh)).catch(() => undefined);
        throw error;
      } finally {
        isFilling = false;
      }
    },
    async ready() {
      // Only the indices of this shop: others on the server don't matter.
      const index = ["products", "stock", "coordination"].map((part) => `${settings.prefix}-${part}*`);
      const isUp = await quick.cluster.health({ index }).then(
        ({ status }) => status !== "red",
        () => false,
      );
      if (!isUp) return "Elasticsearch is away";
      return withTimeout(sync.get(), readyWithinMs).then(
        () => undefined,
        () => "the words of the index are not read yet",
      );
    },
    async [Symbol.asyncDispose]() {
      await writing;
      await sync[Symbol.asyncDispose]();
      closing.abort();
      await removing;
      await client.close();
    },
  };
}
