/** A push stream for test subgraphs, with a log so that `after` can be honoured. */
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

  /** Everything after the first `skip` events, and then whatever comes. */
  read(skip: number): AsyncIterableIterator<Event> {
    const log = this.#log;
    const readers = this.#readers;
    let at = skip;
    let isOver = false;
    let wake = () => {};
    const onPush = () => wake();
    readers.add(onPush);
    return {
      async next() {
        while (!isOver && at >= log.length) await new Promise<void>((resolve) => (wake = resolve));
        const event = log[at++];
        return isOver || event === undefined
          ? { value: undefined, done: true }
          : { value: event, done: false };
      },
      async return() {
        isOver = true;
        readers.delete(onPush);
        wake();
        return { value: undefined, done: true };
      },
      [Symbol.asyncIterator]() {
        return this;
      },
    };
  }
}
