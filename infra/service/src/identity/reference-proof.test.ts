import { expect, test } from "vitest";
import type { Identity } from "./identity.ts";
import { isReadable, signReference } from "./reference-proof.ts";

const now = Date.parse("2026-03-01T12:00:00Z");
const ann: Identity = { kind: "user", userId: "usr_ann", roles: ["CUSTOMER"] };
const guest: Identity = { kind: "guest", proofScope: "operation 1" };
const payment = { type: "Payment", id: "pay_1" };
const key = "key of the payment service";

test.each([
  ["a customer", ann],
  ["a guest within one operation", guest],
  ["a guest whose router signs no operation", { kind: "guest" }],
] as const)("%s reads what was proven for them, for 60 s at least and 90 s at most", (_, asker) => {
  const proof = signReference(payment, asker, key, now);
  const readAt = (ms: number) => isReadable({ ...payment, proof }, asker, key, ms);
  expect([readAt(now), readAt(now + 60_000), readAt(now + 91_000)]).toEqual([true, true, false]);
});

test.each([
  ["another entity", { reference: { ...payment, id: "pay_2" } }],
  ["an entity of another type", { reference: { ...payment, type: "Shipment" } }],
  ["another customer", { asker: { ...ann, userId: "usr_eve" } }],
  ["a guest", { asker: guest }],
  ["a customer whose id is a guest's operation", { made: guest, asker: { ...ann, userId: "operation 1" } }],
  ["another operation of a guest", { made: guest, asker: { ...guest, proofScope: "operation 2" } }],
  ["another service", { readerKey: "key of shipping" }],
] as const)("a proof is worth nothing for %s", (_, other: Partial<Other>) => {
  const { reference = payment, made = ann, asker = ann, readerKey = key } = other;
  const proof = signReference(payment, made, key, now);
  expect(isReadable({ ...reference, proof }, asker, readerKey, now)).toBe(false);
});

type Other = { reference: typeof payment; made: Identity; asker: Identity; readerKey: string };

test.each([null, undefined, "", ".", "9999999999", "9999999999.", "NaN.x", "9999999999.x.y", "1e99.x"])(
  "a reference with %j for a proof is read by staff alone",
  (proof) => {
    expect(isReadable({ ...payment, proof }, ann, key, now)).toBe(false);
    expect(isReadable({ ...payment, proof }, guest, key, now)).toBe(false);
    expect(isReadable({ ...payment, proof }, { ...ann, roles: ["STAFF"] }, key, now)).toBe(true);
  },
);

test("proofs of one moment are the same, so that reads of it can be shared", () => {
  expect(signReference(payment, ann, key, now)).toBe(signReference(payment, ann, key, now + 29_000));
});
