import type { Feed } from "../store/read-feeds.ts";

/** A subscriber's iterator over a feed: a queue of values, or of pending `next` calls; `return` ends it, also while it waits. */
export class Follower<T> implements AsyncIterableIterator<T> {
  readonly feed: Feed;
  /** The counter of the last value given. */
  after: number;
  #values: T[] = [];
  #pending: ((result: IteratorResult<T>) => void)[] = [];
  #hasEnded = false;
  readonly #leave: () => void;

  constructor(feed: Feed, after: number, leave: () => void) {
    this.feed = feed;
    this.after = after;
    this.#leave = leave;
  }

  get waiting(): number {
    return this.#values.length;
  }

  /** Adds the feed's next value; drops a value at or before the cursor. */
  give(counter: number, value: T): void {
    if (this.#hasEnded || counter <= this.after) return;
    this.after = counter;
    const resolve = this.#pending.shift();
    if (resolve) resolve({ done: false, value });
    else this.#values.push(value);
  }

  next(): Promise<IteratorResult<T>> {
    const value = this.#values.shift();
    if (value !== undefined) return Promise.resolve({ done: false, value });
    if (this.#hasEnded) return Promise.resolve({ done: true, value: undefined });
    return new Promise((resolve) => this.#pending.push(resolve));
  }

  return(): Promise<IteratorResult<T>> {
    this.#hasEnded = true;
    this.#values = [];
    for (const resolve of this.#pending.splice(0)) resolve({ done: true, value: undefined });
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
