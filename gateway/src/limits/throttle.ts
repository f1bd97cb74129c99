import { createHash } from "node:crypto";
import type { Redis } from "ioredis";
import { RateLimiterMemory, RateLimiterRedis, RateLimiterRes } from "rate-limiter-flexible";

/** What one attempt counts against. */
export interface Attempt {
  field: string;
  ip: string;
  email?: string;
}

export interface Throttle {
  /** The seconds to wait before the next try; 0 when this one is allowed. Counts it before it is known how it ends. */
  count(attempt: Attempt): Promise<number>;
  /** For one that was right: where a secret is guessed at, only wrong ones stay counted. */
  giveBack(attempt: Attempt): Promise<void>;
}

interface Allowance {
  per: "ip" | "email" | "email and ip";
  points: number;
  seconds: number;
}

/**
 * An e-mail alone is allowed more than an e-mail from one address, so that a stranger who guesses at somebody's
 * password does not lock them out of their own.
 */
const allowances: Record<string, Allowance[]> = {
  logIn: [
    { per: "ip", points: 100, seconds: 900 },
    { per: "email and ip", points: 10, seconds: 900 },
    { per: "email", points: 50, seconds: 900 },
  ],
  signUp: [{ per: "ip", points: 100, seconds: 3600 }],
  refreshSession: [{ per: "ip", points: 300, seconds: 900 }],
  passwordChange: [{ per: "ip", points: 20, seconds: 900 }],
};

const guessingFields = new Set(["logIn", "passwordChange"]);

export const throttledFields: ReadonlySet<string> = new Set(Object.keys(allowances));

/** Counts in Redis, so that all gateways count together; in this process' memory while Redis is away. */
export function createThrottle(redis: Redis): Throttle {
  const limiters = Object.entries(allowances).flatMap(([field, list]) =>
    list.map((allowance) => ({ field, allowance, limiter: limiterFor(redis, field, allowance) })),
  );

  return {
    async count(attempt) {
      const waits = await Promise.all(countersOf(attempt).map(({ limiter, key }) => consume(limiter, key)));
      return Math.max(0, ...waits);
    },
    async giveBack(attempt) {
      if (!guessingFields.has(attempt.field)) return;
      await Promise.all(countersOf(attempt).map(({ limiter, key }) => limiter.reward(key)));
    },
  };

  function countersOf(attempt: Attempt): { limiter: RateLimiterRedis; key: string }[] {
    return limiters.flatMap(({ field, allowance, limiter }) => {
      const key = field === attempt.field ? keyOf(allowance, attempt) : undefined;
      return key === undefined ? [] : [{ limiter, key }];
    });
  }
}

function limiterFor(redis: Redis, field: string, { per, points, seconds }: Allowance): RateLimiterRedis {
  const keyPrefix = `gateway:throttle:${field}:${per.replaceAll(" ", "-")}`;
  return new RateLimiterRedis({
    storeClient: redis,
    rejectIfRedisNotReady: true,
    keyPrefix,
    points,
    duration: seconds,
    insuranceLimiter: new RateLimiterMemory({ keyPrefix, points, duration: seconds }),
  });
}

function keyOf({ per }: Allowance, { ip, email }: Attempt): string | undefined {
  if (per === "ip") return ip;
  if (email === undefined) return undefined;
  return hashOf(per === "email" ? email : `${email} ${ip}`);
}

/** No e-mail address stands in Redis in plain text. */
function hashOf(text: string): string {
  return createHash("sha256").update(text).digest("base64url");
}

/** The seconds to wait; 0 when there is nothing to wait for. */
async function consume(limiter: RateLimiterRedis, key: string): Promise<number> {
  try {
    await limiter.consume(key);
    return 0;
  } catch (refusal) {
    if (refusal instanceof RateLimiterRes) return Math.max(1, Math.ceil(refusal.msBeforeNext / 1000));
    throw refusal;
  }
}
