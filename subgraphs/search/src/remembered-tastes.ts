import { LRUCache } from "lru-cache";
import type { SearchEngine, Taste } from "./engine.ts";

const rememberedMs = 5_000;
const mostCustomers = 5_000;

/** Tastes, each read again after 5 seconds; a taste that can't be read now is none. */
export function rememberedTastes(
  engine: Pick<SearchEngine, "tasteOf">,
): (customerId: string) => Promise<Taste | undefined> {
  const known = new LRUCache<string, Promise<Taste | undefined>>({ max: mostCustomers, ttl: rememberedMs });
  return (customerId) => {
    let taste = known.get(customerId);
    if (!taste) {
      taste = engine.tasteOf(customerId).catch(() => undefined);
      known.set(customerId, taste);
    }
    return taste;
  };
}
