import { LRUCache } from "lru-cache";
import type { SearchEngine, SearchRequest, SearchResult } from "./engine.ts";
import { answerTimeoutMs, withTimeout } from "./with-timeout.ts";
import { poll } from "./poll.ts";
import { cacheKeyOf } from "./cache-key.ts";
import type { ResultStore } from "./redis-result-store.ts";

const maxCharacters = 8_000_000;
/** How often it looks whether the index has changed: so old an answer may be, however fast changes come. */
const refreshEveryMs = 200;
/** Popularity moves without a change of the index. */
const trueForMs = 60_000;

/** So long the engine is left alone with a query that it has just failed to answer, if an older answer is known. */
const restAfterFailureMs = 1_000;

type Kept = {
  version: string;
  until: number;
  result: Promise<SearchResult>;
  /** The engine has failed since, so nobody waits for it again. */
  isOverdue?: true;
};

/** A search with two memories before it: this process', and all instances' in Redis. */
export type CachedSearch = Disposable & {
  search(request: SearchRequest): Promise<SearchResult>;
  /** Looks whether the index has changed; done by itself every 200 ms. */
  refresh(): Promise<void>;
};

/**
 * Answers what was asked before, until the index changes, or while the engine is away; who asks the same at the same
 * time waits for one answer. A change is seen at the next look, so that a steady stream of changes costs each query
 * one search a look, and not one a request.
 */
export function cachedSearch(
  engine: Pick<SearchEngine, "search" | "revision">,
  store: ResultStore,
): CachedSearch {
  const kept = new LRUCache<string, Kept>({ maxSize: maxCharacters });
  // What was stored before this start may be older than the index.
  let toldRevision = -1;
  let epoch: string | undefined;
  let lastEpoch = "";
  let version = "";

  const refresh = async () => {
    const revision = engine.revision();
    const now = await store.epoch(revision !== toldRevision);
    // Untold changes are told when Redis is back.
    if (now !== undefined) toldRevision = revision;
    epoch = now;
    // While Redis doesn't answer, nothing is known to have changed.
    lastEpoch = now ?? lastEpoch;
    version = `${lastEpoch} ${revision}`;
  };
  const find = async (key: string, request: SearchRequest, known: Kept | undefined) => {
    const asOf = epoch;
    const asked = version;
    // What is made for one customer is of no use to others.
    const stored = request.preferences ? undefined : await store.get(key);
    if (stored && stored.epoch === asOf) return stored.result;
    try {
      const result = await withTimeout(engine.search(request), answerTimeoutMs);
      if (asOf !== undefined && !request.preferences) store.put(key, { epoch: asOf, result });
      if (known?.isOverdue)
        keep(key, request, { version: asked, result: Promise.resolve(result) }, trueForMs);
      return result;
    } catch (error) {
      // While the engine is away, what was true a while ago is better than nothing.
      const old = known ? await known.result.catch(() => undefined) : stored?.result;
      if (old)
        keep(key, request, { version, result: Promise.resolve(old), isOverdue: true }, restAfterFailureMs);
      else kept.delete(key);
      if (!old) throw error;
      return old;
    }
  };
  const keep = (key: string, request: SearchRequest, entry: Omit<Kept, "until">, forMs: number) =>
    kept.set(key, { ...entry, until: Date.now() + forMs }, { size: sizeOf(key, request) });
  const looks = poll(refreshEveryMs, refresh);

  return {
    search(request) {
      const key = cacheKeyOf(request);
      const own = kept.get(key);
      if (own?.version === version && Date.now() < own.until) return own.result;
      // For who has a taste, what others get is better than nothing.
      const { preferences, ...ofAll } = request;
      const known = own ?? (preferences && kept.get(cacheKeyOf(ofAll)));
      const result = find(key, request, known);
      if (known?.isOverdue) {
        keep(key, request, { ...known, version }, restAfterFailureMs);
        return known.result;
      }
      keep(key, request, { version, result }, trueForMs);
      return result;
    },
    refresh,
    [Symbol.dispose]: () => looks[Symbol.dispose](),
  };
}

// Measuring an answer would cost as much as making it.
function sizeOf(key: string, { size, wantsFacets }: SearchRequest): number {
  return key.length + size * 250 + (wantsFacets ? 15_000 : 0);
}
