/** Looks at something again and again, one look at a time; one that fails is made up for by the next. */
export function poll(everyMs: number, look: () => Promise<void>): Disposable {
  let looking: Promise<void> | undefined;
  const timer = setInterval(() => {
    looking ??= look()
      .catch(() => undefined)
      .finally(() => (looking = undefined));
  }, everyMs);
  timer.unref();
  return { [Symbol.dispose]: () => clearInterval(timer) };
}
