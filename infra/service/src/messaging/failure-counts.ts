import { LRUCache } from "lru-cache";

/**
 * How often each event, by its place in the stream or its id, has failed in this process by its own fault. An event that
 * another instance finishes never comes back here to be forgotten, so only the latest counts are kept: four times the events
 * that may be in hand at a time (`maxPending`), so that none of those is forgotten.
 */
export function failureCounts<Key extends number | string>(maxPending: number) {
  const counts = new LRUCache<Key, number>({ max: 4 * maxPending });
  return {
    /** Counts a failure, or with 0 none, and returns how many there were. */
    add(event: Key, failures: 0 | 1): number {
      const failed = (counts.get(event) ?? 0) + failures;
      counts.set(event, failed);
      return failed;
    },
    forget: (event: Key): void => void counts.delete(event),
    size: () => counts.size,
  };
}
