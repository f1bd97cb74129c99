import { buildSchema } from "graphql";
import { expect, test } from "vitest";
import { differences } from "./compare-contract.ts";

const between = (contract: string, api: string) =>
  differences(buildSchema(contract), buildSchema(api)).map(({ at, is }) => `${at}: ${is}`);

test("an API that has more than its contract keeps it", () => {
  const contract = "type Query { a(x: Int = 1): String! } enum E { A } input I { a: Int }";
  const api = "type Query { a(x: Int = 1, y: Int): String! b: Int } enum E { A B } input I { a: Int b: Int }";
  expect(between(contract, api)).toEqual([]);
});

test("a field that became nullable, or stopped being so, breaks the contract", () => {
  expect(between("type Query { a: String }", "type Query { a: String! }")).toEqual([
    "Query.a: String!, not String",
  ]);
  expect(between("type Query { a: [Int!] }", "type Query { a: [Int] }")).toEqual([
    "Query.a: [Int], not [Int!]",
  ]);
});

test("what lacks is named by its place", () => {
  const contract =
    "type Query { a(x: Int): U b: Int } type A { a: Int } type B { a: Int } union U = A | B enum E { A } input I { a: Int } type T { a: Int }";
  const api =
    "type Query { a: U } type A { a: Int } type B { a: Int } union U = A enum E { B } input I { b: Int }";
  expect(between(contract, api)).toEqual([
    "Query.a(x): lacking",
    "Query.b: lacking",
    "U | B: lacking",
    "E.A: lacking",
    "I.a: lacking",
    "T: lacking",
  ]);
});

test("asking clients for more, or for another default, breaks the contract", () => {
  const contract = "type Query { a(x: Int = 20): Int } input I { a: Int }";
  const api = "type Query { a(x: Int = 10, y: Int!): Int } input I { a: Int, b: Int! }";
  expect(between(contract, api)).toEqual([
    "Query.a(x): defaulting to 10",
    "Query.a(y): required, and not in the contract",
    "I.b: required, and not in the contract",
  ]);
});
