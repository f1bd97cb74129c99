import { expect, test } from "vitest";
import { openSagaPace } from "./saga-pace.ts";

function given(tookMs: readonly number[]) {
  let now = 1_000_000;
  const pace = openSagaPace(() => now);
  for (const each of tookMs) pace.reserved(each);
  return { pace, pass: (ms: number) => (now += ms) };
}
const many = (tookMs: number) => Array.from({ length: 20 }, () => tookMs);

test("checkouts pass while orders are reserved soon, and while none is", async () => {
  await given(many(120)).pace.admit();
  await given([]).pace.admit();
  await given([1_900, 1_900]).pace.admit();
});

test("a saga that lags holds checkouts back until it has caught up", async () => {
  const { pace, pass } = given(many(1_900));
  expect(pace.isBehind()).toBe(true);
  const admitted = pace.admit();
  for (const each of many(100)) pace.reserved(each);
  await admitted;
  pass(10);
  expect(pace.isBehind()).toBe(false);
});

test("a saga that goes on lagging refuses with the time to wait", async () => {
  let now = 0;
  const pace = openSagaPace(() => (now += 30));
  const lag = setInterval(() => pace.reserved(2_000), 1);
  try {
    for (const each of many(2_000)) pace.reserved(each);
    await expect(pace.admit()).rejects.toMatchObject({
      extensions: { code: "SERVICE_UNAVAILABLE", retryAfterSeconds: 1 },
    });
  } finally {
    clearInterval(lag);
  }
});

test("what waited for an outage, or lies more than a second back, does not count", () => {
  expect(given(many(60_000)).pace.isBehind()).toBe(false);
  const { pace, pass } = given(many(1_900));
  pass(1_001);
  expect(pace.isBehind()).toBe(false);
});
