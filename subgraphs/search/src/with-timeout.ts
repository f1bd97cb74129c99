/** Limit of a search or suggestion: an index that is still being read into memory answers late. Below the gateway's timeout of 5 s. */
export const answerTimeoutMs = 4_000;

/** Rejects when the answer takes longer than `timeoutMs`. */
export function withTimeout<T>(answer: Promise<T>, timeoutMs: number): Promise<T> {
  return new Promise((resolve, reject) => {
    const timer = setTimeout(() => reject(new Error(`no answer within ${timeoutMs} ms`)), timeoutMs);
    answer.then(resolve, reject).finally(() => clearTimeout(timer));
  });
}
