import type { ExecutionResult } from "graphql";

/**
 * The answers to a subscription's events, as an iterator that ends the use of its document when it is over. An async generator
 * could not be left while it waits.
 */
export function answersOf(
  events: AsyncIterable<unknown>,
  answerTo: (event: unknown) => ExecutionResult | Promise<ExecutionResult>,
  used: Disposable,
): AsyncIterableIterator<ExecutionResult> {
  const iterator = events[Symbol.asyncIterator]();
  const over = { value: undefined, done: true as const };
  return {
    async next() {
      try {
        const event: IteratorResult<unknown> = await iterator.next();
        if (!event.done) return { value: await answerTo(event.value), done: false };
        used[Symbol.dispose]();
        return over;
      } catch (error) {
        used[Symbol.dispose]();
        throw error;
      }
    },
    async return() {
      used[Symbol.dispose]();
      await iterator.return?.();
      return over;
    },
    [Symbol.asyncIterator]() {
      return this;
    },
  };
}
