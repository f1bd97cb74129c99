import { readFile } from "node:fs/promises";
import { expect, test } from "vitest";
import { generate } from "./generate.ts";
import { inRepository } from "./read-subgraphs.ts";

test("what is generated from the subgraphs' schemas is up to date: else run `npm run compose`", async () => {
  const stale: string[] = [];
  for (const [path, text] of await generate()) {
    const kept = await readFile(inRepository(path), "utf8").catch(() => "");
    if (kept !== text) stale.push(path);
  }
  expect(stale).toEqual([]);
});
