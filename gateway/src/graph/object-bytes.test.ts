import { expect, test } from "vitest";
import { objectBytes } from "./object-bytes.ts";

test("lists of nothing and short names count as what they retain, not as what they are written with", () => {
  // Measured by heap: 42 bytes for an empty list in a list, 3 characters of a message.
  expect(objectBytes(JSON.parse(`[${Array(1_000).fill("[]").join()}]`))).toBeGreaterThan(42_000);
  expect(objectBytes({ orderId: "ord_01jh4v7n8r0000000000000000", token: "x".repeat(50) })).toBeLessThan(600);
});
