import { setTimeout as pause } from "node:timers/promises";
import { changeRequests, isThere, writeProducts, type Kind } from "./freshness/changes.ts";
import { askAs } from "./freshness/ask.ts";
import type { Measured } from "./load.ts";

/** How soon a change is found: from when it was sent (so its own transaction is in it) until a search has it. */
export type Freshness = Measured & { maxMs: number; changesPerSecond: number };

const tickMs = 50;
/** A fresh Java machine compiles for so long; nothing is looked for meanwhile. */
const warmUpSeconds = 15;
/** Of each kind in one tick: 200 changes a second. */
const inTick: Record<Kind, number> = { price: 4, title: 3, stock: 3 };
/** One change is looked for in so many ticks: looking for all would measure the looking. */
const lookEachTicks = 5;
const lookEveryMs = 50;
const givenUpAfterMs = 10_000;

/** Changes prices, titles and stock at 200/s through the shop's public API, and looks for one in fifty. */
export async function freshness(url: string, seconds: number): Promise<Freshness> {
  const guest = askAs(url);
  const { logIn } = await guest(loggingIn, {
    input: { email: "staff@shop.test", password: "demo-password-1" },
  });
  const staff = askAs(url, logIn.session.accessToken as string);
  const products = await writeProducts(staff);
  const kinds = Object.keys(inTick) as Kind[];
  for (const kind of kinds) {
    const first = () => isThere(guest, products, { kind, turn: -1 });
    if (!(await untilFound(first, performance.now(), 60_000))) throw new Error("The products are not found.");
  }

  const times: number[] = [];
  const running: Promise<void>[] = [];
  let errors = 0;
  const warmUpTicks = (warmUpSeconds * 1000) / tickMs;
  const ticks = (seconds * 1000) / tickMs + warmUpTicks;
  const startedMs = performance.now();
  let sentUntilMs = startedMs;
  for (let tick = 0; tick < ticks; tick++) {
    const isLookedFor = tick >= warmUpTicks && tick % lookEachTicks === 0;
    const watched = isLookedFor ? kinds[(tick / lookEachTicks) % kinds.length] : undefined;
    for (const kind of kinds) {
      const turns = Array.from({ length: inTick[kind] }, (_, n) => tick * inTick[kind] + n);
      const sentMs = performance.now();
      const done = Promise.all(
        changeRequests(kind, turns).map(({ query, variables }) => staff(query, variables)),
      ).then(() => void (sentUntilMs = performance.now()));
      const [turn = 0] = turns;
      const change = { kind, turn };
      const found = done.then(() =>
        kind === watched ? untilFound(() => isThere(guest, products, change), sentMs) : Infinity,
      );
      running.push(
        found.then(
          (ms) => void (ms === undefined ? errors++ : ms < Infinity && times.push(ms)),
          () => void errors++,
        ),
      );
    }
    const aheadMs = startedMs + (tick + 1) * tickMs - performance.now();
    if (aheadMs > 0) await pause(aheadMs);
  }
  await Promise.all(running);
  times.sort((one, other) => one - other);
  const share = (part: number) => times[Math.min(times.length - 1, Math.floor(times.length * part))] ?? NaN;
  const tookS = (sentUntilMs - startedMs) / 1000;
  const inAll = ticks * kinds.reduce((sum, kind) => sum + inTick[kind], 0);
  return {
    name: "freshness: until a change is found",
    concurrency: 1,
    requests: times.length,
    errors,
    perSecond: times.length / tookS,
    p50: share(0.5),
    p95: share(0.95),
    p99: share(0.99),
    maxMs: times.at(-1) ?? NaN,
    changesPerSecond: inAll / tookS,
  };
}

const loggingIn = `mutation ($input: LogInInput!) { logIn(input: $input) { session { accessToken } } }`;

async function untilFound(
  look: () => Promise<boolean>,
  sinceMs: number,
  withinMs = givenUpAfterMs,
): Promise<number | undefined> {
  while (performance.now() - sinceMs < withinMs) {
    // An answer that fails is one that does not find.
    if (await look().catch(() => false)) return performance.now() - sinceMs;
    await pause(lookEveryMs);
  }
  return undefined;
}
