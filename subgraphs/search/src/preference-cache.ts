import { LRUCache } from "lru-cache";
import type { SearchEngine, Taste } from "./engine.ts";
import { inTime } from "./with-timeout.ts";

const rememberedMs = 5_000;
const mostCustomers = 5_000;
/** A search without its taste is better than one that comes late. */
const patienceMs = 200;

/** Tastes, each read again after 5 seconds; one that can't be read now, or only slowly, is none. */
export function rememberedTastes(
  engine: Pick<SearchEngine, "tasteOf">,
): (customerId: string) => Promise<Taste | undefined> {
  const known = new LRUCache<string, Promise<Taste | undefined>>({ max: mostCustomers, ttl: rememberedMs });
  return (customerId) => {
    let taste = known.get(customerId);
    if (!taste) {
      taste = inTime(engine.tasteOf(customerId), patienceMs).catch(() => undefined);
      known.set(customerId, taste);
    }
    return taste;
  };
}
