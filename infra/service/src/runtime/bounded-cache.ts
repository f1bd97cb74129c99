import { LRUCache } from "lru-cache";

/** Bytes of an entry beside its value: its key, and the places that the lists of the cache have for it. */
const entryBytes = 400;

/**
 * A cache that is bounded by what its entries retain, for values that callers can make up without end.
 *
 * A value is kept from its second sight on: what is asked once is not worth the room, and a stream of such values replaces
 * nothing. Pinned values stay for good; pin only what the shop itself chose. Keys should be short (hashes): up to
 * `maxSeen` (10,000) of them are remembered for values that are not kept.
 */
export class BoundedCache<Value extends object> {
  readonly #kept: LRUCache<string, Value>;
  readonly #seen: LRUCache<string, true>;
  readonly #pinned = new Map<string, Value>();
  readonly #bytesOf: (value: Value) => number;

  constructor(options: { maxBytes: number; bytesOf: (value: Value) => number; maxSeen?: number }) {
    const { maxBytes, bytesOf, maxSeen = 10_000 } = options;
    this.#bytesOf = bytesOf;
    // A quarter at most for one: a single huge entry must not replace all others.
    this.#kept = new LRUCache({ maxSize: maxBytes, maxEntrySize: Math.ceil(maxBytes / 4) });
    this.#seen = new LRUCache({ max: maxSeen });
  }

  /** The estimated bytes of what is kept, pinned values aside. */
  get bytes(): number {
    return this.#kept.calculatedSize;
  }

  get(key: string): Value | undefined {
    return this.#pinned.get(key) ?? this.#kept.get(key);
  }

  has(key: string): boolean {
    return this.#pinned.has(key) || this.#kept.has(key);
  }

  isPinned(key: string): boolean {
    return this.#pinned.has(key);
  }

  /** Keeps the value if its key was offered before. Answers whether it is kept. */
  offer(key: string, value: Value): boolean {
    if (this.#pinned.has(key)) return true;
    if (!this.#seen.has(key)) {
      this.#seen.set(key, true);
      return false;
    }
    this.#kept.set(key, value, { size: entryBytes + Math.ceil(this.#bytesOf(value)) });
    return this.#kept.has(key);
  }

  /** Keeps the value for good, whatever else comes. */
  pin(key: string, value: Value): void {
    this.#pinned.set(key, value);
    this.#kept.delete(key);
    this.#seen.delete(key);
  }
}
