import { readFileSync } from "node:fs";
import { readOperations } from "@shop/values/operations";
import { getOperationAST, parse } from "graphql";
import { expect, test } from "vitest";
import { guest, type Caller } from "../identity/caller.ts";
import { scopeGuest } from "./guest-proof-scope.ts";
import { LoadedSupergraph } from "./supergraph.ts";

const file = (path: string) => new URL(`../../../schema/${path}`, import.meta.url);
const supergraph = new LoadedSupergraph(readFileSync(file("supergraph/supergraph.graphql"), "utf8"));

function isProven(text: string): boolean {
  const document = parse(text);
  const operation = getOperationAST(document);
  if (!operation) throw new Error("no operation");
  return supergraph.plan({ queryHash: text, document, operation }).proofScope !== undefined;
}

test("a guest is one of the operation where a payment or a parcel is read, and any guest elsewhere", () => {
  const proven = readOperations().filter(({ text }) => isProven(text));
  expect(proven.map(({ name }) => name)).toEqual([
    "checkout",
    "my-orders-updated",
    "order-page",
    "order-pay",
    "order-updated",
    "staff-orders",
  ]);
  expect(isProven(`query ($t: Boolean!) { order(id: "x") { id payment @include(if: $t) { status } } }`)).toBe(
    true,
  );
});

test("guests are one asker where they send the same, and only where proofs are passed", () => {
  const user: Caller = { kind: "user", userId: "usr_1", roles: [] };
  const bound = (caller: Caller, proofScope: string | undefined, variables: object) => {
    const context = { caller };
    scopeGuest(context, { proofScope }, { ...variables });
    return context.caller;
  };
  const mine = bound(guest, "order page", { token: "mine" });
  expect(mine).toEqual({ kind: "guest", proofScope: expect.stringMatching(/^order page:.{43}$/) as string });
  expect(bound(guest, "order page", { token: "mine" })).toEqual(mine);
  expect(bound(guest, "order page", { token: "another's" })).not.toEqual(mine);
  expect(bound(guest, "another operation", { token: "mine" })).not.toEqual(mine);
  expect(bound(mine, "order page", {})).toBe(mine);
  expect(bound(guest, undefined, {})).toBe(guest);
  expect(bound(user, "order page", {})).toBe(user);
  expect(guest).toEqual({ kind: "guest" });
});
