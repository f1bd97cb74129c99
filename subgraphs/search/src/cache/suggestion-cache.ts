import { withTimeout } from "@shop/service";
import { LRUCache } from "lru-cache";
import type { ActivityStore } from "../activity/activity-store.ts";
import type { SearchEngine, Suggestions } from "../engine/engine.ts";
import { fold } from "../text/fold.ts";

const ttl = 2_000;
const maxPrefixes = 2_000;
/** Suggestions without popular queries are better than late ones. */
const popularTimeoutMs = 200;

/**
 * Suggestions with queries that others have asked first; while Postgres is away there are none of these. Cached for 2 seconds:
 * all shoppers begin to type with the same few letters. Equal prefixes at the same time share one answer.
 */
export function cachedSuggestions(
  engine: Pick<SearchEngine, "suggest">,
  store: Pick<ActivityStore, "popularQueries">,
): SearchEngine["suggest"] {
  const known = new LRUCache<string, Promise<Suggestions>>({ max: maxPrefixes, ttl });
  const suggest = async (prefix: string, size: number): Promise<Suggestions> => {
    const asking = withTimeout(store.popularQueries(fold(prefix).trim(), size), popularTimeoutMs);
    const [popular, found] = await Promise.all([asking.catch(() => []), engine.suggest(prefix, size)]);
    return { ...found, queries: [...new Set([...popular, ...found.queries])].slice(0, size) };
  };
  return (prefix, size) => {
    const key = `${size} ${prefix}`;
    const found = known.get(key) ?? suggest(prefix, size);
    known.set(key, found, { noUpdateTTL: true });
    found.catch(() => known.delete(key));
    return found;
  };
}
