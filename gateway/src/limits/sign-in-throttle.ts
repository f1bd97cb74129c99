import { createHash } from "node:crypto";
import type { Redis } from "ioredis";
import { RateLimiterMemory, RateLimiterRedis, RateLimiterRes } from "rate-limiter-flexible";

/** What one attempt counts against. */
export interface Attempt {
  field: string;
  ip: string;
  /** In its normal form, so that no other spelling has a count of its own. */
  email?: string;
  /** Whose password a signed-in caller guesses at, and in which session. */
  userId?: string;
  session?: string;
}

/** An attempt that was counted before it is known how it ends. */
export interface CountedAttempt {
  /** The seconds to wait before the next try; 0 when this one is allowed. */
  seconds: number;
  /** For one that was right: where a secret is guessed at, only wrong ones stay counted. */
  giveBack(): Promise<void>;
}

export interface Throttle {
  count(attempt: Attempt): Promise<CountedAttempt>;
  /** The account was signed in from this address, which strangers therefore can't lock out of it. */
  know(email: string, ip: string): Promise<void>;
}

interface Allowance {
  per: "ip" | "email and ip" | "session" | "user";
  points: number;
  seconds: number;
}

const quarterS = 900;
const hourS = 3600;
const dayS = 24 * hourS;

const allowances: Record<string, Allowance[]> = {
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
};

const guessingFields = new Set(["logIn", "passwordChange"]);

export const throttledFields: ReadonlySet<string> = new Set(Object.keys(allowances));

/** How long an address stays known to an account after it was last signed in from there; Node's timers wait 24.8 days at most. */
const knownS = 24 * dayS;

/** Counts in Redis, so that all gateways count together; in this process' memory while Redis is away. */
export function createThrottle(redis: Redis): Throttle {
  const limiter = (name: string, points: number, duration: number): RateLimiterRedis => {
    const options = { keyPrefix: `gateway:throttle:${name}`, points, duration };
    const insuranceLimiter = new RateLimiterMemory(options);
    return new RateLimiterRedis({
      ...options,
      storeClient: redis,
      rejectIfRedisNotReady: true,
      insuranceLimiter,
    });
  };
  const limiters = Object.entries(allowances).flatMap(([field, list]) =>
    list.map((allowance) => {
      const name = `${field}:${allowance.per.replaceAll(" ", "-")}`;
      return { field, allowance, limiter: limiter(name, allowance.points, allowance.seconds) };
    }),
  );
  /**
   * Wrong log-ins at one account from all addresses that it was never signed in from: 100 a day (NIST SP 800-63B), and
   * beyond them one from each further address, 60 an hour. So strangers neither lock an owner out, who types the right
   * password once from anywhere, nor guess more often than some 1,500 times a day, however many addresses they have.
   */
  const strangers = limiter("logIn:strangers", 100, dayS);
  const single = limiter("logIn:single", 1, dayS);
  const spare = limiter("logIn:spare", 60, hourS);
  const known = limiter("known", 1, knownS);

  return {
    async count(attempt) {
      const spent: Counter[] = [];
      const isGuess = guessingFields.has(attempt.field);
      const giveBack = async () => {
        if (isGuess) await Promise.all(spent.map((counter) => counter.limiter.reward(counter.key)));
      };
      const waits = await Promise.all(countersOf(attempt).map((counter) => consume(counter, spent)));
      const seconds = Math.max(0, ...waits);
      // What is refused here tries no password, so it may not use up what the account has.
      if (seconds > 0 || attempt.field !== "logIn") return { seconds, giveBack };
      return { seconds: await countStranger(attempt, spent), giveBack };
    },
    async know(email, ip) {
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
    return limiters.flatMap(({ field, allowance, limiter: mine }) => {
      const key = field === attempt.field ? keyOf(allowance, attempt) : undefined;
      return key === undefined ? [] : [{ limiter: mine, key }];
    });
  }
}

interface Counter {
  limiter: RateLimiterRedis;
  key: string;
}

function keyOf({ per }: Allowance, { ip, email, userId, session }: Attempt): string | undefined {
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

/** No e-mail address stands in Redis in plain text. */
function hashOf(text: string): string {
  return createHash("sha256").update(text).digest("base64url");
}

/** The seconds to wait; 0 when there is nothing to wait for, and the point was spent. */
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
