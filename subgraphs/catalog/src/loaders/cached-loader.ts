import DataLoader from "dataloader";
import { LRUCache } from "lru-cache";

/** Loads values by key. The keys of all requests in one turn of the event loop become one statement. */
export type CachedLoader<Value> = {
  load(key: string): Promise<Value | undefined>;
  /** Evicts the changed values; the results of reads that are under way are not cached either. */
  evict(hasChanged: (value: Value) => boolean): void;
};

/**
 * Batches the reads of all requests and caches what it found as long and as much as `options` say; a miss is not cached.
 * Only for values that all callers see alike.
 */
export function cachedLoader<Value extends object | number>(
  find: (keys: readonly string[]) => Promise<ReadonlyMap<string, Value>>,
  options: LRUCache.Options<string, Value, unknown>,
): CachedLoader<Value> {
  const kept = new LRUCache<string, Value>(options);
  let evictions = 0;

  const loader = new DataLoader<string, Value | undefined>(
    async (asked) => {
      const before = evictions;
      const found = await find([...new Set(asked)]);
      if (before === evictions) for (const [key, value] of found) kept.set(key, value);
      return asked.map((key) => found.get(key));
    },
    { cache: false, maxBatchSize: 500, batchScheduleFn: setImmediate },
  );

  return {
    load(key) {
      const hit = kept.get(key);
      return hit === undefined ? loader.load(key) : Promise.resolve(hit);
    },
    evict(hasChanged) {
      evictions++;
      for (const [key, value] of [...kept.entries()]) if (hasChanged(value)) kept.delete(key);
    },
  };
}
