/** How long a shopper's question may take: an index that is only now read into memory answers late. Less than the gateway's own patience of 5 s. */
export const answerTimeoutMs = 4_000;

/** The answer, or an error when it takes longer than this. */
export function withTimeout<T>(answer: Promise<T>, timeoutMs: number): Promise<T> {
  return new Promise((resolve, reject) => {
    const timer = setTimeout(() => reject(new Error(`no answer within ${timeoutMs} ms`)), timeoutMs);
    answer.then(resolve, reject).finally(() => clearTimeout(timer));
  });
}
