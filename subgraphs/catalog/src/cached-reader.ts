import DataLoader from "dataloader";

/** Reads by key: those asked for in the same turn of the loop, by whatever requests, become one statement. */
export type CachedReader<Value> = {
  load(key: string): Promise<Value | undefined>;
  /** Forgets what has changed, and lets no read that is under way bring it back. */
  evict(hasChanged: (value: Value) => boolean): void;
};

/**
 * Batches reads of all requests, and keeps what it found for `keepMs`, at most `most` of them. What it did not find is not
 * kept. Only for what all callers see alike.
 */
export function cachedReader<Value>(
  find: (keys: readonly string[]) => Promise<ReadonlyMap<string, Value>>,
  { keepMs, most }: { keepMs: number; most: number },
): CachedReader<Value> {
  const kept = new Map<string, { value: Value; untilMs: number }>();
  let evictions = 0;

  const keep = (found: ReadonlyMap<string, Value>) => {
    const now = Date.now();
    for (const [key, value] of found) {
      kept.delete(key);
      kept.set(key, { value, untilMs: now + keepMs });
    }
    for (const [key, { untilMs }] of kept) {
      if (kept.size <= most && untilMs > now) break;
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
