import { Pool } from "undici";
import { percentiles, type Percentiles } from "./percentiles.ts";

/** What one kind of request did under load. Times in ms. */
export type Measured = Percentiles & {
  name: string;
  concurrency: number;
  requests: number;
  errors: number;
  perSecond: number;
};

/** One request: what is sent, and what of the answer says that it failed. */
export type Sends = { body: string; headers?: Record<string, string> };

/**
 * Keeps `concurrency` requests in flight for `seconds` (or until `next` has no more), after a warm-up that is not counted.
 * Every answer is read whole; one with `errors`, with a user error, or not 200 counts as an error.
 */
export async function load(input: {
  name: string;
  url: string;
  concurrency: number;
  seconds: number;
  warmUpSeconds?: number;
  next: () => Sends | undefined;
  onAnswer?: (body: string) => void;
}): Promise<Measured> {
  const target = new URL(input.url);
  const pool = new Pool(target.origin, { connections: input.concurrency, pipelining: 1 });
  const times: number[] = [];
  let errors = 0;
  let countFrom = performance.now() + (input.warmUpSeconds ?? 0) * 1000;
  const until = countFrom + input.seconds * 1000;
  let last = countFrom;

  const worker = async () => {
    for (;;) {
      const started = performance.now();
      if (started > until) return;
      const sends = input.next();
      if (!sends) return;
      const isGood = await send(pool, target.pathname, sends, input.onAnswer);
      const now = performance.now();
      if (started < countFrom) continue;
      times.push(now - started);
      last = now;
      if (!isGood) errors++;
    }
  };
  await Promise.all(Array.from({ length: input.concurrency }, worker));
  await pool.close();
  countFrom = Math.min(countFrom, last);
  return {
    name: input.name,
    concurrency: input.concurrency,
    requests: times.length,
    errors,
    perSecond: times.length / ((last - countFrom) / 1000),
    ...percentiles(times),
  };
}

async function send(
  pool: Pool,
  path: string,
  sends: Sends,
  onAnswer: ((body: string) => void) | undefined,
): Promise<boolean> {
  try {
    const response = await pool.request({
      path,
      method: sends.body ? "POST" : "GET",
      headers: { "content-type": "application/json", ...sends.headers },
      ...(sends.body ? { body: sends.body } : {}),
    });
    const body = await response.body.text();
    onAnswer?.(body);
    return response.statusCode === 200 && !body.includes('"errors":[') && !body.includes('"userErrors":[{');
  } catch {
    return false;
  }
}
