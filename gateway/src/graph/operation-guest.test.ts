import { readdirSync, readFileSync } from "node:fs";
import { getOperationAST, parse } from "graphql";
import { expect, test } from "vitest";
import { guest, type Caller } from "../identity/caller.ts";
import { bindGuest } from "./operation-guest.ts";
import { LoadedSupergraph } from "./supergraph.ts";

const file = (path: string) => new URL(`../../../schema/${path}`, import.meta.url);
const supergraph = new LoadedSupergraph(readFileSync(file("supergraph/supergraph.graphql"), "utf8"));

function isProven(text: string): boolean {
  const document = parse(text);
  const operation = getOperationAST(document);
  if (!operation) throw new Error("no operation");
  return supergraph.plan({ queryHash: text, document, operation }).isProven;
}

test("a guest is one of the operation where a payment or a parcel is read, and any guest elsewhere", () => {
  const names = readdirSync(file("operations/")).filter((name) => name.endsWith(".graphql"));
  const proven = names.filter((name) => isProven(readFileSync(file(`operations/${name}`), "utf8")));
  expect(proven.map((name) => name.replace(".graphql", ""))).toEqual([
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

test("signed-in callers and operations without proofs stay as they are", () => {
  const user: Caller = { kind: "user", userId: "usr_1", roles: [] };
  const bound = (caller: Caller, proven: boolean) => {
    const context = { caller, requestId: "operation 1" };
    bindGuest(context, { isProven: proven });
    return context.caller;
  };
  expect(bound(guest, true)).toEqual({ kind: "guest", requestId: "operation 1" });
  expect(bound(guest, false)).toBe(guest);
  expect(bound(user, true)).toBe(user);
  expect(guest).toEqual({ kind: "guest" });
});
