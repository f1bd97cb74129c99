import { createHash, randomUUID } from "node:crypto";
import type { Kit, Logger } from "@shop/service";
import { z } from "zod";
import type { SearchResult } from "./engine.ts";
import { withTimeout } from "./with-timeout.ts";

/** Results in Redis, which all instances share. Every failure is a miss: a search never waits for it longer than this. */
const timeoutMs = 50;
const restAfterFailureMs = 1_000;
/** A slot for each hash: bounded without keeping count, since Redis must not evict. */
const slots = 4_096;
/** Popularity moves without a change of the index. */
const keptS = 60;
const longest = 200_000;
/** In a rush of queries that nobody asks twice, keeping all would cost a sixth of each, and push out what is asked again. */
const maxWritesPerSecond = 100;
/** So many that aren't there say that it is such a rush: looking for all would cost a tenth of each. */
const maxMissesPerSecond = 100;

/** What was kept of a request, and the epoch of the index that it is true of. */
export type StoredResult = { epoch: string; result: SearchResult };

export type ResultStore = {
  get(key: string): Promise<StoredResult | undefined>;
  put(key: string, stored: StoredResult): void;
  /** The index's epoch, after a change a new one; undefined while Redis is away. */
  epoch(hasChanged: boolean): Promise<string | undefined>;
};

// Ours, under a key of ours: the form is looked at only as far as telling entries apart needs it.
const entry = z.object({ key: z.string(), epoch: z.string(), result: z.custom<SearchResult>() });

/** The store under the service's own prefix. */
export function redisResultStore(
  redis: Kit<unknown>["redis"],
  log: Pick<Logger, "warn">,
  prefix = "search",
): ResultStore {
  let restUntil = 0;
  const keptInSecond = countInSecond();
  const missedInSecond = countInSecond();
  const attempt = async <T>(ask: () => Promise<T>): Promise<T | undefined> => {
    if (redis.status !== "ready" || Date.now() < restUntil) return undefined;
    try {
      return await withTimeout(ask(), timeoutMs);
    } catch (error) {
      restUntil = Date.now() + restAfterFailureMs;
      log.warn({ err: error }, "the query cache does not answer; searching without it");
      return undefined;
    }
  };
  return {
    async get(key) {
      if (missedInSecond(0) >= maxMissesPerSecond) return undefined;
      const text = await attempt(() => redis.get(slotOf(key, prefix)));
      const kept = text ? readEntry(text) : undefined;
      if (kept?.key === key) return kept;
      missedInSecond(1);
      return undefined;
    },
    put(key, { epoch, result }) {
      if (keptInSecond(1) > maxWritesPerSecond) return;
      const text = JSON.stringify({ key, epoch, result });
      if (text.length > longest) return;
      void attempt(() => redis.set(slotOf(key, prefix), text, "EX", keptS));
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

/** Adds to what was counted in this second so far. */
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
    // Another version's, or cut off: as good as not there.
    return undefined;
  }
}
