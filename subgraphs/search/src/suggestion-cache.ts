import { LRUCache } from "lru-cache";
import type { SearchEngine, Suggestions } from "./engine.ts";

const rememberedMs = 2_000;
const mostPrefixes = 2_000;

/** Suggestions, each looked for again after 2 seconds: everybody who types begins with the same few letters. */
export function rememberedSuggestions(engine: Pick<SearchEngine, "suggest">): SearchEngine["suggest"] {
  const known = new LRUCache<string, Promise<Suggestions>>({ max: mostPrefixes, ttl: rememberedMs });
  return (prefix, size) => {
    const key = `${size} ${prefix}`;
    let found = known.get(key);
    if (!found) {
      found = engine.suggest(prefix, size);
      known.set(key, found);
      found.catch(() => known.delete(key));
    }
    return found;
  };
}
