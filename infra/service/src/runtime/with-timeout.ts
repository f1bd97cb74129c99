/** Rejects with the error of `late` (default "no answer within …") when the work takes longer than `timeoutMs`; the work goes on. */
export async function withTimeout<T>(
  work: Promise<T>,
  timeoutMs: number,
  late = () => new Error(`no answer within ${timeoutMs} ms`),
): Promise<T> {
  const { promise, reject } = Promise.withResolvers<never>();
  const timer = setTimeout(() => reject(late()), timeoutMs);
  try {
    return await Promise.race([work, promise]);
  } finally {
    clearTimeout(timer);
  }
}
