import { pollLoop } from "@shop/service";
import { LRUCache } from "lru-cache";
import type { SearchEngine, SearchRequest, SearchResult } from "../engine/engine.ts";
import { answeredInTime } from "../engine/answer-timeout.ts";
import { cacheKeyOf } from "./cache-key.ts";
import type { ResultStore } from "./redis-result-store.ts";

const maxCacheSize = 8_000_000;
/** How often the index's revision is checked, so the maximum age of an answer, however fast changes come. */
const refreshEveryMs = 200;
/** Bounded, because popularity changes without a new revision of the index. */
const ttlMs = 60_000;

/** After a failed search the older answer is served for this long before the engine is asked for that query again. */
const restAfterFailureMs = 1_000;

type CachedResult = {
  version: string;
  until: number;
  result: Promise<SearchResult>;
  /** The engine has failed since: the old answer is served at once, and renewed behind it. */
  isOverdue?: true;
};

/** A search behind two caches: one in this process, and one in Redis for all instances. */
export type CachedSearch = AsyncDisposable & {
  search(request: SearchRequest): Promise<SearchResult>;
  /** Checks the index's revision; runs by itself every 200 ms. */
  refresh(): Promise<void>;
};

/**
 * Caches results until the index changes, and while the engine is away. Equal requests at the same time share one search.
 * A change is noticed at the next check, so a steady stream of changes costs each query one search a check instead of one
 * a request.
 */
export function cachedSearch(
  engine: Pick<SearchEngine, "search" | "revision">,
  store: ResultStore,
): CachedSearch {
  const cache = new LRUCache<string, CachedResult>({ maxSize: maxCacheSize });
  // Entries that were stored before this start may be older than the index.
  let publishedRevision = -1;
  let epoch: string | undefined;
  let lastEpoch = "";
  let version = "";

  const refresh = async () => {
    const revision = engine.revision();
    const now = await store.epoch(revision !== publishedRevision);
    // A change that Redis didn't take is published when it is back.
    if (now !== undefined) publishedRevision = revision;
    epoch = now;
    // While Redis doesn't answer, the last epoch stays.
    lastEpoch = now ?? lastEpoch;
    version = `${lastEpoch} ${revision}`;
  };
  const find = async (key: string, request: SearchRequest, known: CachedResult | undefined) => {
    const epochBefore = epoch;
    const versionBefore = version;
    // A personalized result is of no use to others: Redis doesn't get it.
    const stored = request.preferences ? undefined : await store.get(key);
    if (stored && stored.epoch === epochBefore) return stored.result;
    try {
      const result = await answeredInTime(engine.search(request));
      if (epochBefore !== undefined && !request.preferences) store.put(key, { epoch: epochBefore, result });
      if (known?.isOverdue)
        put(key, request, { version: versionBefore, result: Promise.resolve(result) }, ttlMs);
      return result;
    } catch (error) {
      // While the engine is away, an outdated result is better than none.
      const old = known ? await known.result.catch(() => undefined) : stored?.result;
      if (old)
        put(key, request, { version, result: Promise.resolve(old), isOverdue: true }, restAfterFailureMs);
      else cache.delete(key);
      if (!old) throw error;
      return old;
    }
  };
  const put = (key: string, request: SearchRequest, entry: Omit<CachedResult, "until">, forMs: number) =>
    cache.set(key, { ...entry, until: Date.now() + forMs }, { size: sizeOf(key, request) });
  // A failed check is repeated by the next one.
  const onError = () => undefined;
  const polling = pollLoop({ everyMs: refreshEveryMs, firstAfterMs: refreshEveryMs, onError }, refresh);

  return {
    search(request) {
      const key = cacheKeyOf(request);
      const own = cache.get(key);
      if (own?.version === version && Date.now() < own.until) return own.result;
      // A customer with preferences gets the result without them rather than none.
      const { preferences, ...withoutPreferences } = request;
      const known = own ?? (preferences && cache.get(cacheKeyOf(withoutPreferences)));
      const result = find(key, request, known);
      if (known?.isOverdue) {
        put(key, request, { ...known, version }, restAfterFailureMs);
        return known.result;
      }
      put(key, request, { version, result }, ttlMs);
      return result;
    },
    refresh,
    [Symbol.asyncDispose]: () => polling[Symbol.asyncDispose](),
  };
}

// An estimate: measuring a result would cost as much as making it.
function sizeOf(key: string, { size, wantsFacets }: SearchRequest): number {
  return key.length + size * 250 + (wantsFacets ? 15_000 : 0);
}
