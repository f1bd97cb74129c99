import { withTimeout, type Logger } from "@shop/service";

/** A Redis that has failed is left alone for so long: whatever it saves, Postgres does meanwhile. */
const restMs = 1_000;
/** Longer than this, Redis costs more than it saves. */
const timeoutMs = 250;

/** Calls Redis, which inventory can do without: undefined where it fails, is slow, or has failed within the last second. */
export type RedisGuard = <T>(call: () => Promise<T>) => Promise<T | undefined>;

export function redisGuard(log: Pick<Logger, "warn">, nowMs = () => performance.now()): RedisGuard {
  let restUntilMs = 0;
  return async (call) => {
    if (nowMs() < restUntilMs) return undefined;
    try {
      return await withTimeout(call(), timeoutMs);
    } catch (error) {
      if (nowMs() >= restUntilMs) {
        log.warn({ err: error }, "Redis is left alone for a second; Postgres decides without its gate");
      }
      restUntilMs = nowMs() + restMs;
      return undefined;
    }
  };
}
