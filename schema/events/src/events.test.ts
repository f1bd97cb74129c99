import { expect, test } from "vitest";
import { addressSchema, event, eventTypes, parseEvent, producerOf, seal, subjectOf } from "./index.ts";

const expired = event("OrderExpired", {
  aggregateId: "ord_1",
  version: 3,
  sagaId: "ord_1",
  data: { orderId: "ord_1" },
});

test("an event survives the wire", () => {
  const sent = seal(expired, new Date(0));
  expect(parseEvent(JSON.stringify(sent))).toEqual(sent);
  expect(subjectOf(sent)).toMatch(/^evt\.order\.\d+\.OrderExpired$/);
});

test("a consumer ignores fields that it does not know", () => {
  const sent = seal(expired, new Date(0));
  const newer = { ...sent, schemaVersion: 2, colour: "red", data: { ...sent.data, mood: "sad" } };
  expect(parseEvent(JSON.stringify(newer)).data).toEqual({ orderId: "ord_1" });
});

test("what is not of its type's form is refused, at both ends", () => {
  const wrong = { ...expired, data: { orderId: 7 } } as unknown as typeof expired;
  expect(() => seal(wrong, new Date(0))).toThrow();
  expect(() => parseEvent(JSON.stringify({ ...seal(expired, new Date(0)), type: "toString" }))).toThrow();
});

test("an address is kept without the blanks around its lines, and a line of blanks is none", () => {
  const given = { name: " Ada ", line1: "1 Road", city: "Town\t", postalCode: " 1 ", country: "US" };
  const kept = { name: "Ada", line1: "1 Road", city: "Town", postalCode: "1", country: "US" };
  expect(addressSchema.parse(given)).toEqual(kept);
  expect(addressSchema.safeParse({ ...given, line1: "  " }).success).toBe(false);
});

test("every type has exactly one publisher", () => {
  for (const type of eventTypes) expect(producerOf(type)).toBeTruthy();
});
