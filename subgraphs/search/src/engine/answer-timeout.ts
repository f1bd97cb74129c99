import { withTimeout } from "@shop/service";

/** Limit of a search or suggestion: an index that is still being read into memory answers late. Below the gateway's timeout of 5 s. */
export const answerTimeoutMs = 4_000;

/** Rejects when the answer takes longer than `answerTimeoutMs`. */
export const answeredInTime = <T>(answer: Promise<T>): Promise<T> => withTimeout(answer, answerTimeoutMs);
