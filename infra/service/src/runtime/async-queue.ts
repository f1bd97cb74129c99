/** Thrown to a reader that can't keep up. */
export class QueueOverflow extends Error {
  override name = "QueueOverflow";
}

/**
 * Values between a writer and readers, as an async iterator. Written by hand because an async generator can't be ended while
 * it waits: `return()` would stand in line behind the pending `next()`, and what it reads from would leak.
 */
export class AsyncQueue<Value> implements AsyncIterableIterator<Value, undefined> {
  readonly #values: Value[] = [];
  readonly #capacity: number;
  readonly #readers: PromiseWithResolvers<IteratorResult<Value, undefined>>[] = [];
  #end: { error?: unknown } | undefined;

  /** `capacity`: values that may wait, default without limit; one more makes the queue fail with QueueOverflow. */
  constructor(capacity = Infinity) {
    this.#capacity = capacity;
  }

  /** Values that wait for a reader. */
  get waiting(): number {
    return this.#values.length;
  }

  push(value: Value): void {
    if (this.#end) return;
    const reader = this.#readers.shift();
    if (reader) reader.resolve({ value, done: false });
    else if (this.#values.length >= this.#capacity) this.fail(new QueueOverflow());
    else this.#values.push(value);
  }

  /** Ends once the values before it have been read. */
  finish(): void {
    this.#close({});
  }

  /** Throws to the next reader once the values before it have been read; then the queue is at its end. */
  fail(error: unknown): void {
    this.#close({ error });
  }

  next(): Promise<IteratorResult<Value, undefined>> {
    if (this.#values.length > 0)
      return Promise.resolve({ value: this.#values.shift() as Value, done: false });
    const reader = Promise.withResolvers<IteratorResult<Value, undefined>>();
    this.#readers.push(reader);
    if (this.#end) this.#settle(this.#end);
    return reader.promise;
  }

  /** Ends at once, also while a reader waits; values that wait are dropped. */
  return(): Promise<IteratorResult<Value, undefined>> {
    this.#values.length = 0;
    this.#end = {};
    this.#settle(this.#end);
    return Promise.resolve({ value: undefined, done: true });
  }

  async throw(error: unknown): Promise<never> {
    await this.return();
    throw error;
  }

  [Symbol.asyncIterator](): this {
    return this;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.return();
  }

  #close(end: { error?: unknown }): void {
    if (this.#end) return;
    this.#end = end;
    if (this.#values.length === 0) this.#settle(end);
  }

  #settle(end: { error?: unknown }): void {
    const readers = this.#readers.splice(0);
    if ("error" in end && readers.length > 0) {
      this.#end = {};
      readers.shift()?.reject(end.error);
    }
    for (const reader of readers) reader.resolve({ value: undefined, done: true });
  }
}
