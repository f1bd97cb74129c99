import { expect, test } from "vitest";
import { staticRankOf } from "../ranking/static-rank.ts";
import { popularityGain } from "./popularity.ts";

const today = Date.UTC(2031, 4, 5);
const daysAgo = (days: number) => today - days * 24 * 3600 * 1000;

test("a unit that was sold says as much as twenty looks at the same time", () => {
  expect(popularityGain({ bought: 1, atMs: today }) / popularityGain({ bought: 0, atMs: today })).toBeCloseTo(
    20,
    5,
  );
});

test("what was bought a year ago counts less than a tenth of what is bought today", () => {
  const [then, now] = [daysAgo(365), today].map((atMs) => popularityGain({ bought: 1, atMs }));
  expect((then ?? 0) / (now ?? 1)).toBeLessThan(0.1);
});

test("a product that sells now stands before one that sold ten times as much a year ago", () => {
  const faded = popularityGain({ bought: 10, atMs: daysAgo(365) });
  const sells = popularityGain({ bought: 1, atMs: today });
  expect(staticRankOf(sells, 0)).toBeGreaterThan(staticRankOf(faded, today));
});

test("equally popular products stand by their age, and a standing is a whole number that both engines can hold", () => {
  const most = staticRankOf(
    popularityGain({ bought: 1_000_000, atMs: Date.UTC(2060, 0, 1) }),
    Date.UTC(2060, 0, 1),
  );
  expect(staticRankOf(7, today)).toBeGreaterThan(staticRankOf(7, daysAgo(1)));
  expect(most).toBeLessThan(2 ** 51);
  expect(Number.isInteger(most)).toBe(true);
});
