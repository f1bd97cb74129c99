import { withTimeout } from "@shop/service";
import { LRUCache } from "lru-cache";
import type { Preferences } from "../engine/engine.ts";

const cacheTtlMs = 5_000;
const maxCustomers = 5_000;
/** A search without preferences is better than a late one. */
const timeoutMs = 200;

/** Caches preferences for 5 seconds. Preferences that can't be read within the timeout are undefined. */
export function cachedPreferences(
  preferencesOf: (customerId: string) => Promise<Preferences | undefined>,
): (customerId: string) => Promise<Preferences | undefined> {
  const known = new LRUCache<string, Promise<Preferences | undefined>>({
    max: maxCustomers,
    ttl: cacheTtlMs,
  });
  return (customerId) => {
    let preferences = known.get(customerId);
    if (!preferences) {
      preferences = withTimeout(preferencesOf(customerId), timeoutMs).catch(() => undefined);
      known.set(customerId, preferences);
    }
    return preferences;
  };
}
