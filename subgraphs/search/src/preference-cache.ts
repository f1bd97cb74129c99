import { LRUCache } from "lru-cache";
import type { SearchEngine, Preferences } from "./engine.ts";
import { withTimeout } from "./with-timeout.ts";

const cacheTtlMs = 5_000;
const maxCustomers = 5_000;
/** A search without its taste is better than one that comes late. */
const timeoutMs = 200;

/** Tastes, each read again after 5 seconds; one that can't be read now, or only slowly, is none. */
export function cachedPreferences(
  engine: Pick<SearchEngine, "preferencesOf">,
): (customerId: string) => Promise<Preferences | undefined> {
  const known = new LRUCache<string, Promise<Preferences | undefined>>({
    max: maxCustomers,
    ttl: cacheTtlMs,
  });
  return (customerId) => {
    let preferences = known.get(customerId);
    if (!preferences) {
      preferences = withTimeout(engine.preferencesOf(customerId), timeoutMs).catch(() => undefined);
      known.set(customerId, preferences);
    }
    return preferences;
  };
}
