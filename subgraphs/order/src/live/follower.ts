import type { Feed } from "../store/read-feeds.ts";

/** A subscriber's iterator: values wait in it, or it waits for them; left by `return`, also while it waits. */
export class Follower<T> implements AsyncIterableIterator<T> {
  readonly feed: Feed;
  /** The counter of the last value given. */
  after: number;
  #values: T[] = [];
  #takers: ((result: IteratorResult<T>) => void)[] = [];
  #isOver = false;
  readonly #leave: () => void;

  constructor(feed: Feed, after: number, leave: () => void) {
    this.feed = feed;
    this.after = after;
    this.#leave = leave;
  }

  get waiting(): number {
    return this.#values.length;
  }

  /** Takes what comes next in its feed; what it has had already is passed over. */
  give(counter: number, value: T): void {
    if (this.#isOver || counter <= this.after) return;
    this.after = counter;
    const taker = this.#takers.shift();
    if (taker) taker({ done: false, value });
    else this.#values.push(value);
  }

  next(): Promise<IteratorResult<T>> {
    const value = this.#values.shift();
    if (value !== undefined) return Promise.resolve({ done: false, value });
    if (this.#isOver) return Promise.resolve({ done: true, value: undefined });
    return new Promise((resolve) => this.#takers.push(resolve));
  }

  return(): Promise<IteratorResult<T>> {
    this.#isOver = true;
    this.#values = [];
    for (const taker of this.#takers.splice(0)) taker({ done: true, value: undefined });
    this.#leave();
    return Promise.resolve({ done: true, value: undefined });
  }

  async throw(error: unknown): Promise<IteratorResult<T>> {
    await this.return();
    throw error;
  }

  [Symbol.asyncIterator](): this {
    return this;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.return();
  }
}
