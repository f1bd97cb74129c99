import { existsSync } from "node:fs";
import { readFile } from "node:fs/promises";
import { buildSchema } from "graphql";
import { expect, test } from "vitest";
import { differences } from "./compare-contract.ts";
import { apiFile } from "./index.ts";
import { later } from "./later.ts";
import { inRepository } from "./read-subgraphs.ts";

// The contract is kept beside the repository, not in it.
const contractFile = inRepository("../shared/contract/api.graphql");
const isHere = existsSync(contractFile);
if (!isHere) console.warn(`skipped: no contract at ${contractFile.pathname} to hold the API against`);

test.skipIf(!isHere)(
  "the API has all that the contract promises, apart from what is listed for later",
  async () => {
    const contract = buildSchema(await readFile(contractFile, "utf8"));
    const api = buildSchema(await readFile(apiFile, "utf8"));
    const postponed = new Set(Object.values(later).flat());
    const found = differences(contract, api);
    const lacking = new Set(found.filter(({ is }) => is === "lacking").map(({ at }) => at));
    expect(found.filter(({ at, is }) => !(is === "lacking" && postponed.has(at)))).toEqual([]);
    expect(
      [...postponed].filter((at) => !lacking.has(at)),
      "listed for later, but here",
    ).toEqual([]);
  },
);
