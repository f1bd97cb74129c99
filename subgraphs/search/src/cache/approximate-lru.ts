/**
 * A cache of two generations that approximates LRU: it has between `half` and twice as many entries. When the younger
 * generation is full, the older one is dropped, so the cache is never empty at once. A hit costs one or two look-ups in a
 * Map: a third of the cost of an LRU list, which counts where each word of a catalogue is looked up.
 */
export class ApproximateLru<Key, Value> {
  #young = new Map<Key, Value>();
  #old = new Map<Key, Value>();
  readonly #half: number;

  constructor(half: number) {
    this.#half = half;
  }

  get(key: Key): Value | undefined {
    const known = this.#young.get(key);
    if (known !== undefined) return known;
    const older = this.#old.get(key);
    if (older !== undefined) this.set(key, older);
    return older;
  }

  set(key: Key, value: Value): void {
    if (this.#young.size >= this.#half) {
      this.#old = this.#young;
      this.#young = new Map();
    }
    this.#young.set(key, value);
  }

  delete(key: Key): void {
    this.#young.delete(key);
    this.#old.delete(key);
  }

  get size(): number {
    return this.#young.size + this.#old.size;
  }
}
