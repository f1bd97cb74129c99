/** A value that several use, and the end of one use of it. */
export type Use<Value> = { value: Value; [Symbol.dispose](): void };

/**
 * A map whose values are shared for as long as they are in use: each use must be disposed of, and the end of the last one removes
 * the value. Disposing twice counts once.
 */
export class RefCountedMap<Value> {
  readonly #values = new Map<string, { value: Value; uses: number }>();

  get size(): number {
    return this.#values.size;
  }

  has(key: string): boolean {
    return this.#values.has(key);
  }

  /** The value of a key that is in use, else a new one. */
  use(key: string, make: () => Value): Use<Value> {
    let shared = this.#values.get(key);
    if (!shared) this.#values.set(key, (shared = { value: make(), uses: 0 }));
    const { value } = shared;
    const mine = shared;
    mine.uses++;
    let isOver = false;
    return {
      value,
      [Symbol.dispose]: () => {
        if (isOver) return;
        isOver = true;
        if (--mine.uses === 0) this.#values.delete(key);
      },
    };
  }
}
