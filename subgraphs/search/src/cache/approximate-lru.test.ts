import { expect, test } from "vitest";
import { ApproximateLru } from "./approximate-lru.ts";

test("what is used stays, what isn't goes, and never all at once", () => {
  const map = new ApproximateLru<number, string>(100);
  for (let at = 1; at <= 1_000; at++) {
    map.set(at, `value ${at}`);
    if (at > 50) expect(map.get(1)).toBe("value 1");
    else map.get(1);
    expect(map.size).toBeLessThanOrEqual(200);
    if (at > 100) expect(map.get(at - 20)).toBe(`value ${at - 20}`);
  }
  expect(map.get(500)).toBeUndefined();
});

test("what is deleted is gone from both halves", () => {
  const map = new ApproximateLru<number, string>(2);
  for (const at of [1, 2, 3]) map.set(at, "value");
  for (const at of [1, 2, 3]) map.delete(at);
  expect([map.get(1), map.get(3), map.size]).toEqual([undefined, undefined, 0]);
});
