import DataLoader from "dataloader";

/** Loads values by key. The keys of all requests in one turn of the event loop become one statement. */
export type CachedLoader<Value> = {
  load(key: string): Promise<Value | undefined>;
  /** Evicts the changed values; the results of reads that are under way are not cached either. */
  evict(hasChanged: (value: Value) => boolean): void;
};

/**
 * Batches the reads of all requests and caches what it found for `ttlMs`, at most `max` values; a miss is not cached. Only
 * for values that all callers see alike.
 */
export function cachedLoader<Value>(
  find: (keys: readonly string[]) => Promise<ReadonlyMap<string, Value>>,
  { ttlMs, max }: { ttlMs: number; max: number },
): CachedLoader<Value> {
  const kept = new Map<string, { value: Value; untilMs: number }>();
  let evictions = 0;

  const keep = (found: ReadonlyMap<string, Value>) => {
    const now = Date.now();
    for (const [key, value] of found) {
      kept.delete(key);
      kept.set(key, { value, untilMs: now + ttlMs });
    }
    for (const [key, { untilMs }] of kept) {
      if (kept.size <= max && untilMs > now) break;
      kept.delete(key);
    }
  };

  const loader = new DataLoader<string, Value | undefined>(
    async (asked) => {
      const before = evictions;
      const found = await find([...new Set(asked)]);
      if (before === evictions) keep(found);
      return asked.map((key) => found.get(key));
    },
    { cache: false, maxBatchSize: 500, batchScheduleFn: setImmediate },
  );

  return {
    load(key) {
      const hit = kept.get(key);
      return hit && hit.untilMs > Date.now() ? Promise.resolve(hit.value) : loader.load(key);
    },
    evict(hasChanged) {
      evictions++;
      for (const [key, { value }] of kept) if (hasChanged(value)) kept.delete(key);
    },
  };
}
