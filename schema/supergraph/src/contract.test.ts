import { readFile } from "node:fs/promises";
import { buildSchema } from "graphql";
import { expect, test } from "vitest";
import { differences } from "./compare-contract.ts";
import { apiFile, contractFile } from "./index.ts";
import { notYetImplemented } from "./not-yet-implemented.ts";

test("the API has all that the contract promises, apart from what is listed for later", async () => {
  const contract = buildSchema(await readFile(contractFile, "utf8"));
  const api = buildSchema(await readFile(apiFile, "utf8"));
  const postponed = new Set(Object.values(notYetImplemented).flat());
  const found = differences(contract, api);
  const lacking = new Set(found.filter(({ is }) => is === "lacking").map(({ at }) => at));
  expect(found.filter(({ at, is }) => !(is === "lacking" && postponed.has(at)))).toEqual([]);
  expect(
    [...postponed].filter((at) => !lacking.has(at)),
    "listed for later, but here",
  ).toEqual([]);
});
