import { createHash } from "node:crypto";
import type { Redis } from "ioredis";
import { RateLimiterMemory, RateLimiterRedis, RateLimiterRes } from "rate-limiter-flexible";
import { attemptRates, guessingFields, knownS, wrongLogIns, type AttemptRate } from "./attempt-rates.ts";

/** The keys that an attempt is counted by. */
export interface Attempt {
  field: string;
  ip: string;
  /** In its normal form, so that no other spelling has a count of its own. */
  email?: string;
  /** The user and session of a signed-in caller. */
  userId?: string;
  session?: string;
}

/** An attempt that was counted before its outcome is known. */
export interface CountedAttempt {
  /** The seconds to wait before the next attempt; 0 when this one is allowed. */
  seconds: number;
  /** Uncounts an attempt that succeeded: of guesses at a secret only the wrong ones stay counted. */
  refund(): Promise<void>;
}

export interface AttemptThrottle {
  count(attempt: Attempt): Promise<CountedAttempt>;
  /** Makes the address known to the account: strangers can't lock it out. */
  addKnownAddress(email: string, ip: string): Promise<void>;
}

/** Counts in Redis, for all gateways; in this process' memory while Redis is away. */
export function createAttemptThrottle(redis: Redis): AttemptThrottle {
  const limiter = (name: string, points: number, duration: number, more: object = {}): RateLimiterRedis => {
    const options = { keyPrefix: `gateway:throttle:${name}`, points, duration, ...more };
    const insuranceLimiter = new RateLimiterMemory(options);
    return new RateLimiterRedis({
      ...options,
      storeClient: redis,
      rejectIfRedisNotReady: true,
      insuranceLimiter,
    });
  };
  const limiters = Object.entries(attemptRates).flatMap(([field, list]) =>
    list.map(({ per, points, seconds }) => {
      const name = `${field}:${per.replaceAll(" ", "-")}`;
      // A caller past a limit is refused in memory, so that a flood doesn't reach Redis; not where a refund may lift the refusal.
      const more = guessingFields.has(field) ? {} : { inMemoryBlockOnConsumed: points + 1 };
      return { field, per, limiter: limiter(name, points, seconds, more) };
    }),
  );
  const logInLimiter = (name: keyof typeof wrongLogIns) =>
    limiter(`logIn:${name}`, wrongLogIns[name].points, wrongLogIns[name].seconds);
  const strangers = logInLimiter("strangers");
  const single = logInLimiter("single");
  const spare = logInLimiter("spare");
  const known = limiter("known", 1, knownS);

  return {
    async count(attempt) {
      const spent: Counter[] = [];
      const isGuess = guessingFields.has(attempt.field);
      const refund = async () => {
        if (isGuess) await Promise.all(spent.map((counter) => counter.limiter.reward(counter.key)));
      };
      const waits = await Promise.all(countersOf(attempt).map((counter) => consume(counter, spent)));
      const seconds = Math.max(0, ...waits);
      // A refused attempt tries no password, so it must not use up the account's points.
      if (seconds > 0 || attempt.field !== "logIn") return { seconds, refund };
      return { seconds: await countStranger(attempt, spent), refund };
    },
    async addKnownAddress(email, ip) {
      await known.set(hashOf(`${email} ${ip}`), 1, knownS);
    },
  };

  async function countStranger({ email, ip }: Attempt, spent: Counter[]): Promise<number> {
    if (email === undefined) return 0;
    const [account, pair] = [hashOf(email), hashOf(`${email} ${ip}`)];
    if (await known.get(pair)) return 0;
    const untilMore = await consume({ limiter: strangers, key: account }, spent);
    if (untilMore === 0) return 0;
    const untilAgain = await consume({ limiter: single, key: pair }, spent);
    if (untilAgain > 0) return Math.min(untilMore, untilAgain);
    return await consume({ limiter: spare, key: account }, spent);
  }

  function countersOf(attempt: Attempt): Counter[] {
    return limiters.flatMap(({ field, per, limiter: one }) => {
      const key = field === attempt.field ? keyOf(per, attempt) : undefined;
      return key === undefined ? [] : [{ limiter: one, key }];
    });
  }
}

interface Counter {
  limiter: RateLimiterRedis;
  key: string;
}

function keyOf(per: AttemptRate["per"], { ip, email, userId, session }: Attempt): string | undefined {
  switch (per) {
    case "ip":
      return ip;
    case "email and ip":
      return email === undefined ? undefined : hashOf(`${email} ${ip}`);
    case "session":
      return session;
    case "user":
      return userId;
  }
}

/** E-mail addresses are hashed, so that Redis has none in plain text. */
function hashOf(text: string): string {
  return createHash("sha256").update(text).digest("base64url");
}

/** The seconds to wait; 0 when the point was spent. */
async function consume(counter: Counter, spent: Counter[]): Promise<number> {
  try {
    await counter.limiter.consume(counter.key);
    spent.push(counter);
    return 0;
  } catch (refusal) {
    if (refusal instanceof RateLimiterRes) return Math.max(1, Math.ceil(refusal.msBeforeNext / 1000));
    throw refusal;
  }
}
