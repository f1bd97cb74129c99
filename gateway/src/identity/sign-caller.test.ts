import { audienceKey, verifyIdentity } from "@shop/service/identity";
import { expect, test } from "vitest";
import { guest } from "./caller.ts";
import { callerSigner } from "./sign-caller.ts";

const master = "a master key of a test, of 32 bytes";
const read = (token: string) => verifyIdentity(token, "order", audienceKey(master, "order"));

test("an address travels as a keyed hash: the same on each gateway, another for another address or key", () => {
  const sign = callerSigner(master);
  const client = read(sign(guest, "order", "203.0.113.7"))?.client;
  expect(client).toMatch(/^[\w-]{22}$/);
  expect(read(callerSigner(master)(guest, "order", "203.0.113.7"))?.client).toBe(client);
  expect(read(sign(guest, "order", "203.0.113.8"))?.client).not.toBe(client);
  const other = callerSigner("another master key")(guest, "order", "203.0.113.7");
  const key = audienceKey("another master key", "order");
  expect(verifyIdentity(other, "order", key)?.client).not.toBe(client);
});

test("without an address a caller's signature is shared, and says nothing of where they are", () => {
  const sign = callerSigner(master);
  expect(sign(guest, "order")).toBe(sign(guest, "order"));
  expect(read(sign(guest, "order"))).toEqual({ kind: "guest" });
});
