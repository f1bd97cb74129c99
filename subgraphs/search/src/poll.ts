/** Runs `work` every `everyMs`, one run at a time. A failed run is ignored: the next one repeats it. */
export function poll(everyMs: number, work: () => Promise<void>): Disposable {
  let running: Promise<void> | undefined;
  const timer = setInterval(() => {
    running ??= work()
      .catch(() => undefined)
      .finally(() => (running = undefined));
  }, everyMs);
  timer.unref();
  return { [Symbol.dispose]: () => clearInterval(timer) };
}
