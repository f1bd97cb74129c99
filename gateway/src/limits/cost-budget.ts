import type { Redis } from "ioredis";
import { RateLimiterMemory, RateLimiterRedis, RateLimiterRes } from "rate-limiter-flexible";
import { isStaff, type Caller } from "../identity/caller.ts";
import { budgetWindowS } from "./operation-limits.ts";

/** The points that one address, and one signed-in user, may spend in `budgetWindowS`. */
export interface BudgetLimits {
  perAddress: number;
  perUser: number;
}

/** The smaller of the two budgets after a charge. */
export interface Charge {
  remaining: number;
  limit: number;
  /** Seconds until the budget is full again. */
  resetInSeconds: number;
  /** Seconds to wait before the next try; 0 when the charge was accepted. */
  retryAfterSeconds: number;
}

export interface CostBudget {
  /** Charges the address and, if signed in, the user. Staff are not charged: undefined. */
  charge(points: number, request: { caller: Caller; ip: string }): Promise<Charge | undefined>;
}

/**
 * Budgets decide in this process' memory, so that no request waits for Redis and a stalled Redis stops nothing. Redis sums
 * the charges of all gateways afterwards, and blocks here a budget that is spent in all. A caller may overspend by what the
 * other gateways accept within one Redis round trip.
 */
export function createCostBudget(redis: Redis, limits: BudgetLimits): CostBudget {
  const address = sharedLimiter(redis, "address", limits.perAddress);
  const user = sharedLimiter(redis, "user", limits.perUser);
  return {
    async charge(points, { caller, ip }) {
      if (isStaff(caller)) return undefined;
      const ofAddress = await address(ip, points);
      if (caller.kind !== "user") return ofAddress;
      const ofUser = await user(caller.userId, points);
      return isTighter(ofUser, ofAddress) ? ofUser : ofAddress;
    },
  };
}

function isTighter(one: Charge, other: Charge): boolean {
  if (one.retryAfterSeconds !== other.retryAfterSeconds)
    return one.retryAfterSeconds > other.retryAfterSeconds;
  return one.remaining < other.remaining;
}

function sharedLimiter(redis: Redis, scope: string, limit: number) {
  const options = { keyPrefix: `gateway:cost:${scope}`, points: limit, duration: budgetWindowS };
  const memory = new RateLimiterMemory(options);
  const shared = new RateLimiterRedis({ ...options, storeClient: redis, rejectIfRedisNotReady: true });

  return async (key: string, points: number): Promise<Charge> => {
    void shared.consume(key, points).catch((refusal: unknown) => {
      // Any other error means that Redis is away: this gateway then counts alone.
      if (refusal instanceof RateLimiterRes) return memory.block(key, seconds(refusal));
      return undefined;
    });
    const { isAccepted, left } = await consume(memory, key, points);
    return {
      remaining: left.remainingPoints,
      limit,
      resetInSeconds: seconds(left),
      retryAfterSeconds: isAccepted ? 0 : seconds(left),
    };
  };
}

async function consume(memory: RateLimiterMemory, key: string, points: number) {
  try {
    return { isAccepted: true, left: await memory.consume(key, points) };
  } catch (refusal) {
    if (refusal instanceof RateLimiterRes) return { isAccepted: false, left: refusal };
    throw refusal;
  }
}

function seconds({ msBeforeNext }: RateLimiterRes): number {
  return Math.max(1, Math.ceil(msBeforeNext / 1000));
}
