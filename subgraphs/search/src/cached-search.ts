import { LRUCache } from "lru-cache";
import type { SearchEngine, SearchRequest, SearchResult } from "./engine.ts";

const mostCharacters = 8_000_000;

type Kept = { revision: number; result: Promise<SearchResult> };

/**
 * Answers what was asked before, until the index changes, or while the engine is away; who asks the same at the same
 * time waits for one answer.
 */
export function cachedSearch(
  engine: Pick<SearchEngine, "search" | "revision">,
): (request: SearchRequest) => Promise<SearchResult> {
  const kept = new LRUCache<string, Kept>({ maxSize: mostCharacters });
  return (request) => {
    const key = JSON.stringify(request);
    const size = key.length + charactersOf(request);
    const revision = engine.revision();
    const known = kept.get(key);
    if (known?.revision === revision) return known.result;
    const result = engine.search(request).catch((error: unknown) => {
      if (!known) kept.delete(key);
      // While the engine is away, what was true a while ago is better than nothing.
      else kept.set(key, known, { size });
      if (known) return known.result;
      throw error;
    });
    kept.set(key, { revision, result }, { size });
    return result;
  };
}

// Measuring an answer would cost as much as making it.
function charactersOf({ size, wantsFacets }: SearchRequest): number {
  return size * 250 + (wantsFacets ? 15_000 : 0);
}
