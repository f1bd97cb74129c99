import { expect, test } from "vitest";
import { BoundedCache } from "./bounded-cache.ts";

type Entry = { bytes: number };
const open = (maxBytes: number, maxSeen?: number) =>
  new BoundedCache<Entry>({ maxBytes, bytesOf: ({ bytes }) => bytes, ...(maxSeen && { maxSeen }) });

test("a value is kept from its second sight on", () => {
  const cache = open(100_000);
  expect(cache.offer("a", { bytes: 10 })).toBe(false);
  expect(cache.get("a")).toBeUndefined();
  expect(cache.offer("a", { bytes: 10 })).toBe(true);
  expect(cache.get("a")).toEqual({ bytes: 10 });
});

test("values that come once replace nothing, however many there are", () => {
  const cache = open(100_000, 100);
  for (const _ of [1, 2]) cache.offer("mine", { bytes: 1_000 });
  for (let at = 0; at < 10_000; at++) cache.offer(`once ${at}`, { bytes: 50_000 });
  expect(cache.get("mine")).toEqual({ bytes: 1_000 });
  expect(cache.bytes).toBeLessThan(2_000);
});

test("values that come twice stay within the bytes: the longest unused make room, never all at once", () => {
  const cache = open(100_000);
  for (let at = 0; at < 1_000; at++) {
    for (const _ of [1, 2]) cache.offer(`twice ${at}`, { bytes: 1_000 });
    expect(cache.bytes).toBeLessThanOrEqual(100_000);
    if (at >= 100) expect(cache.bytes).toBeGreaterThan(90_000);
  }
  expect(cache.has("twice 999")).toBe(true);
  expect(cache.has("twice 0")).toBe(false);
});

test("a pinned value stays, whatever comes, and one that would take more than a quarter isn't kept", () => {
  const cache = open(100_000);
  cache.pin("known", { bytes: 50_000 });
  for (let at = 0; at < 1_000; at++) for (const _ of [1, 2]) cache.offer(`${at}`, { bytes: 5_000 });
  expect(cache.get("known")).toEqual({ bytes: 50_000 });
  expect(cache.isPinned("known")).toBe(true);
  cache.offer("huge", { bytes: 30_000 });
  expect(cache.offer("huge", { bytes: 30_000 })).toBe(false);
  expect(cache.has("999")).toBe(true);
});
