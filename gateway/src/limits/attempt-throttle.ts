import { createHash } from "node:crypto";
import type { Redis } from "ioredis";
import { RateLimiterMemory, RateLimiterRedis, RateLimiterRes } from "rate-limiter-flexible";

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

interface RateLimit {
  per: "ip" | "email and ip" | "session" | "user";
  points: number;
  seconds: number;
}

const minuteS = 60;
const quarterS = 900;
const hourS = 3600;
const dayS = 24 * hourS;

const rateLimits: Record<string, RateLimit[]> = {
  logIn: [
    { per: "ip", points: 100, seconds: quarterS },
    { per: "email and ip", points: 10, seconds: quarterS },
  ],
  signUp: [{ per: "ip", points: 100, seconds: hourS }],
  refreshSession: [{ per: "ip", points: 300, seconds: quarterS }],
  passwordChange: [
    { per: "ip", points: 20, seconds: quarterS },
    { per: "session", points: 10, seconds: quarterS },
    { per: "user", points: 100, seconds: dayS },
  ],
  // A customer enters a sale once, and again after a lost answer or a hold that ran out; the rest are programs. The address
  // may be a household's, an office's or a mobile network's.
  flashSaleEnter: [
    { per: "ip", points: 100, seconds: minuteS },
    { per: "user", points: 10, seconds: minuteS },
  ],
};

const guessingFields = new Set(["logIn", "passwordChange"]);

export const throttledFields: ReadonlySet<string> = new Set(Object.keys(rateLimits));

/** How long an address stays known to an account after its last sign-in; Node's timers wait 24.8 days at most. */
const knownS = 24 * dayS;

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
  const limiters = Object.entries(rateLimits).flatMap(([field, list]) =>
    list.map(({ per, points, seconds }) => {
      const name = `${field}:${per.replaceAll(" ", "-")}`;
      // A caller past a limit is refused in memory, so that a flood doesn't reach Redis; not where a refund may lift the refusal.
      const more = guessingFields.has(field) ? {} : { inMemoryBlockOnConsumed: points + 1 };
      return { field, per, limiter: limiter(name, points, seconds, more) };
    }),
  );
  /**
   * Wrong log-ins at one account from all addresses that it doesn't know: 100 a day (NIST SP 800-63B), and beyond them one
   * from each further address, 60 an hour. So strangers can't lock the owner out, who types the right password once from any
   * address, and have some 1,500 guesses a day, however many addresses they use.
   */
  const strangers = limiter("logIn:strangers", 100, dayS);
  const single = limiter("logIn:single", 1, dayS);
  const spare = limiter("logIn:spare", 60, hourS);
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

function keyOf(per: RateLimit["per"], { ip, email, userId, session }: Attempt): string | undefined {
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
