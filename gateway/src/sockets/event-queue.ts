/** The failure of a queue whose reader can't keep up. */
export class QueueOverflow extends Error {
  override name = "QueueOverflow";
}

/**
 * A queue of events with one producer and one reader. Written by hand because an async generator can't be ended while it
 * waits: `return()` queues behind the pending `next()`, and the generator's source would leak.
 */
export class EventQueue<Event> {
  readonly #events: Event[] = [];
  readonly #capacity: number;
  #waiting:
    { resolve(result: IteratorResult<Event, undefined>): void; reject(error: unknown): void } | undefined;
  #end: { error?: unknown } | undefined;

  constructor(capacity: number) {
    this.#capacity = capacity;
  }

  push(event: Event): void {
    if (this.#end) return;
    if (this.#waiting) {
      this.#waiting.resolve({ value: event, done: false });
      this.#waiting = undefined;
    } else if (this.#events.length >= this.#capacity) this.fail(new QueueOverflow());
    else this.#events.push(event);
  }

  /** Ends the queue after its events have been read. */
  finish(): void {
    this.#close({});
  }

  fail(error: unknown): void {
    this.#close({ error });
  }

  /** Ends the queue at once and drops its events. */
  drop(): void {
    this.#events.length = 0;
    this.#end = {};
    this.#settle();
  }

  /** Call again only after the last call has settled: the queue has one reader. */
  next(): Promise<IteratorResult<Event, undefined>> {
    return new Promise((resolve, reject) => {
      this.#waiting = { resolve, reject };
      const [event] = this.#events;
      if (this.#events.length > 0) {
        this.#events.shift();
        this.#waiting = undefined;
        resolve({ value: event as Event, done: false });
      } else if (this.#end) this.#settle();
    });
  }

  #close(end: { error?: unknown }): void {
    if (this.#end) return;
    this.#end = end;
    if (this.#events.length === 0) this.#settle();
  }

  #settle(): void {
    const waiting = this.#waiting;
    this.#waiting = undefined;
    if (!waiting) return;
    if (this.#end && "error" in this.#end) {
      const { error } = this.#end;
      this.#end = {};
      waiting.reject(error);
    } else waiting.resolve({ value: undefined, done: true });
  }
}
