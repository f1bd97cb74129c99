import { expect, test } from "vitest";
import { openSagaPace } from "./saga-pace.ts";

function given(step: "reserved" | "confirmed", tookMs: readonly number[]) {
  let now = 1_000_000;
  const pace = openSagaPace(() => now);
  for (const each of tookMs) pace.note(step, each);
  return { pace, pass: (ms: number) => (now += ms) };
}
const many = (tookMs: number) => Array.from({ length: 32 }, () => tookMs);

test("checkouts pass while orders are reserved and confirmed soon, and while none is", async () => {
  await given("reserved", many(120)).pace.admit();
  await given("confirmed", many(400)).pace.admit();
  await given("reserved", []).pace.admit();
  await given("reserved", [9_000, 9_000]).pace.admit();
});

test.each(["reserved", "confirmed"] as const)(
  "a saga whose orders are %s late holds checkouts back until it has caught up",
  async (step) => {
    const { pace } = given(step, many(60_000));
    expect(pace.isBehind()).toBe(true);
    const admitted = pace.admit();
    for (const each of many(100)) pace.note(step, each);
    await admitted;
    expect(pace.isBehind()).toBe(false);
  },
);

test("a slow saga is seen, too: eight orders in three seconds say enough", () => {
  const { pace, pass } = given("reserved", []);
  for (let order = 0; order < 12; order++) {
    pace.note("reserved", 5_000);
    pass(250);
  }
  expect(pace.isBehind()).toBe(true);
});

test("a saga that goes on lagging refuses with the time to wait, and at once where too many wait", async () => {
  let now = 0;
  const pace = openSagaPace(() => now);
  for (const each of many(2_000)) pace.note("reserved", each);
  const held = Array.from({ length: 500 }, () => pace.admit().catch((error: unknown) => error));
  const refusal = { extensions: { code: "SERVICE_UNAVAILABLE", retryAfterSeconds: 1 } };
  await expect(pace.admit()).rejects.toMatchObject(refusal);
  now += 2_001;
  for (const each of await Promise.all(held)) expect(each).toMatchObject(refusal);
});

test("what lies more than three seconds back does not count", () => {
  const { pace, pass } = given("reserved", many(1_900));
  pass(3_001);
  expect(pace.isBehind()).toBe(false);
});
