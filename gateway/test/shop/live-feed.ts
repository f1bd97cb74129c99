/** A stream of events for test subgraphs, which keeps them so that `after` works. */
export class LiveFeed<Event> {
  readonly #log: Event[] = [];
  readonly #readers = new Set<() => void>();

  get readers(): number {
    return this.#readers.size;
  }

  push(event: Event): void {
    this.#log.push(event);
    for (const wake of this.#readers) wake();
  }

  /** The events after the first `skip`, and then each new one. */
  read(skip: number): AsyncIterableIterator<Event> {
    const log = this.#log;
    const readers = this.#readers;
    let at = skip;
    const reader = { isOver: false, wake: () => {} };
    const onPush = () => reader.wake();
    readers.add(onPush);
    return {
      async next() {
        while (!reader.isOver && at >= log.length) {
          await new Promise<void>((resolve) => (reader.wake = resolve));
        }
        const event = log[at++];
        return reader.isOver || event === undefined
          ? { value: undefined, done: true }
          : { value: event, done: false };
      },
      async return() {
        reader.isOver = true;
        readers.delete(onPush);
        reader.wake();
        return { value: undefined, done: true };
      },
      [Symbol.asyncIterator]() {
        return this;
      },
    };
  }
}
