import { LRUCache } from "lru-cache";
import type { SearchEngine, Suggestions } from "../engine/engine.ts";

const cacheTtlMs = 2_000;
const maxPrefixes = 2_000;

/** Caches suggestions for 2 seconds: all shoppers begin to type with the same few letters. */
export function cachedSuggestions(suggest: SearchEngine["suggest"]): SearchEngine["suggest"] {
  const known = new LRUCache<string, Promise<Suggestions>>({ max: maxPrefixes, ttl: cacheTtlMs });
  return (prefix, size) => {
    const key = `${size} ${prefix}`;
    let found = known.get(key);
    if (!found) {
      found = suggest(prefix, size);
      known.set(key, found);
      found.catch(() => known.delete(key));
    }
    return found;
  };
}
