import { expect, test } from "vitest";
import { failureCounts } from "./failure-counts.ts";

test("the failures of an event in hand are counted while thousands of others fail once and are finished elsewhere", () => {
  const counts = failureCounts<number>(256);
  for (let seq = 1; seq <= 10_000; seq++) {
    counts.add(seq, 1);
    if (seq % 256 === 0) counts.add(0, 1);
  }
  expect(counts.add(0, 0)).toBe(39);
  expect(counts.size()).toBeLessThanOrEqual(1_024);
  counts.forget(0);
  expect(counts.add(0, 1)).toBe(1);
});
