import { createHash, randomUUID } from "node:crypto";
import { withTimeout, type Kit, type Logger } from "@shop/service";
import { z } from "zod";
import type { SearchResult } from "../engine/engine.ts";

/** Limit of each Redis command. A failure is a miss, so a search never waits longer. */
const timeoutMs = 50;
const restAfterFailureMs = 1_000;
/** Keys are hashed to this many slots: a bound without a counter, since Redis is set never to evict. */
const slots = 4_096;
/** Bounded, because popularity changes without a new revision of the index. */
const ttlSeconds = 60;
const maxEntryLength = 200_000;
/** In a rush of one-off queries, storing all would cost a sixth of each search and overwrite the queries that recur. */
const maxWritesPerSecond = 100;
/** This many misses in a second are such a rush: further look-ups would cost a tenth of each search. */
const maxMissesPerSecond = 100;

/** A result, and the epoch of the index that it belongs to. */
export type StoredResult = { epoch: string; result: SearchResult };

export type ResultStore = {
  get(key: string): Promise<StoredResult | undefined>;
  put(key: string, stored: StoredResult): void;
  /** The index's epoch; with `hasChanged`, a new one. Undefined while Redis is away. */
  epoch(hasChanged: boolean): Promise<string | undefined>;
};

// Only search writes these keys, so the result itself is not validated.
const entry = z.object({ key: z.string(), epoch: z.string(), result: z.custom<SearchResult>() });

/** Results in Redis, shared by all instances. */
export function redisResultStore(
  redis: Kit<unknown>["redis"],
  log: Pick<Logger, "warn">,
  prefix = "search",
): ResultStore {
  let restUntil = 0;
  const writesInSecond = countInSecond();
  const missesInSecond = countInSecond();
  const attempt = async <T>(command: () => Promise<T>): Promise<T | undefined> => {
    if (redis.status !== "ready" || Date.now() < restUntil) return undefined;
    try {
      return await withTimeout(command(), timeoutMs);
    } catch (error) {
      restUntil = Date.now() + restAfterFailureMs;
      log.warn({ err: error }, "the query cache does not answer; searching without it");
      return undefined;
    }
  };
  return {
    async get(key) {
      if (missesInSecond(0) >= maxMissesPerSecond) return undefined;
      const text = await attempt(() => redis.get(slotOf(key, prefix)));
      const kept = text ? readEntry(text) : undefined;
      if (kept?.key === key) return kept;
      missesInSecond(1);
      return undefined;
    },
    put(key, { epoch, result }) {
      if (writesInSecond(1) > maxWritesPerSecond) return;
      const text = JSON.stringify({ key, epoch, result });
      if (text.length > maxEntryLength) return;
      void attempt(() => redis.set(slotOf(key, prefix), text, "EX", ttlSeconds));
    },
    async epoch(hasChanged) {
      const name = `${prefix}:epoch`;
      const fresh = randomUUID();
      if (hasChanged) return await attempt(async () => ((await redis.set(name, fresh)) ? fresh : undefined));
      return await attempt(async () => {
        const known = await redis.get(name);
        if (known) return known;
        await redis.set(name, fresh, "NX");
        return (await redis.get(name)) ?? undefined;
      });
    },
  };
}

/** A counter that begins at 0 in each second; returns its count after adding. */
function countInSecond(): (more: number) => number {
  let second = 0;
  let count = 0;
  return (more) => {
    const now = Math.floor(Date.now() / 1000);
    if (now !== second) [second, count] = [now, 0];
    return (count += more);
  };
}

function slotOf(key: string, prefix: string): string {
  const hash = createHash("sha1").update(key).digest();
  return `${prefix}:query:${hash.readUInt32BE(0) % slots}`;
}

function readEntry(text: string): (StoredResult & { key: string }) | undefined {
  try {
    return entry.parse(JSON.parse(text));
  } catch {
    // An entry of another release, or a truncated one, is a miss.
    return undefined;
  }
}
