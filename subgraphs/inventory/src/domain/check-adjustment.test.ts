import { expect, test } from "vitest";
import { checkAdjustment } from "./check-adjustment.ts";
import { showAvailability } from "./show-availability.ts";

const sound = { sku: "a", warehouseCode: "BER", delta: 5, reason: "delivery", idempotencyKey: "k" };

test.each([
  [{ delta: 0 }, "delta"],
  [{ delta: 1_000_001 }, "delta"],
  [{ delta: -1_000_001 }, "delta"],
  [{ reason: "  " }, "reason"],
  [{ reason: "x".repeat(501) }, "reason"],
  [{ reason: "a\0b" }, "reason"],
  [{ sku: "\ud800" }, "sku"],
  [{ idempotencyKey: "" }, "idempotencyKey"],
  [{ idempotencyKey: "x".repeat(201) }, "idempotencyKey"],
])("an adjustment with %j is a mistake", (wrong, field) => {
  expect(checkAdjustment({ ...sound, ...wrong })?.field).toBe(field);
});

test("a sound adjustment is tried", () => expect(checkAdjustment(sound)).toBeUndefined());

test("five left are little", () => {
  expect([0, 1, 5, 6].map((units) => showAvailability(units).status)).toEqual([
    "OUT_OF_STOCK",
    "LOW_STOCK",
    "LOW_STOCK",
    "IN_STOCK",
  ]);
});
