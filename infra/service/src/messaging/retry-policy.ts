import { backoffMs } from "../runtime/backoff.ts";

/**
 * Failed attempts before an event becomes a dead letter: one of the inbox, or one that another release kept. Here and below,
 * failures of a store don't count.
 */
export const maxEventAttempts = 10;

/** Failed attempts of a projection's batch before its events are tried one by one. */
export const maxBatchAttempts = 5;

/** The wait before a failed event is delivered again: 50 ms, doubling to 5 s. */
export const redeliverAfterMs = (deliveries: number) => backoffMs(deliveries, 50, 5_000);

/** The wait before a failed batch: a store that is back is written to soon, and one that stays away for hours fills no log. */
export const batchBackoff = { firstMs: 50, maxMs: 2_000 };

/** How often the events that another release kept are looked for, and a failed one of them is tried again. */
export const unhandledEveryMs = 2_000;
