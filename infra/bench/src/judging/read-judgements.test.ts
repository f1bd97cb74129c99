import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import { expect, test } from "vitest";
import { readRatings } from "./read-judgements.ts";

async function reading(...texts: string[]) {
  const folder = await mkdtemp(path.join(tmpdir(), "shop-ratings-"));
  try {
    const files = texts.map((_, at) => path.join(folder, `${at}.csv`));
    await Promise.all(texts.map((text, at) => writeFile(files[at] ?? "", text)));
    return await readRatings(files);
  } finally {
    await rm(folder, { recursive: true });
  }
}

test("a later file completes an earlier one and overrules none of it", async () => {
  const people = "query,docid,rating\nred lamp,1,3\nmug, large,2,0\n";
  const added = "# by hand\nquery,docid,rating,reason\nred lamp,1,0,no lamp\nred lamp,3,2,a lamp, but blue\n";
  expect(await reading(people, added)).toEqual([
    {
      query: "red lamp",
      ratings: new Map([
        ["1", 3],
        ["3", 2],
      ]),
    },
    { query: "mug, large", ratings: new Map([["2", 0]]) },
  ]);
});

test("a line without a rating from 0 to 3 is refused with the file and the line", async () => {
  await expect(reading("query,docid,rating\nred lamp,1,7")).rejects.toThrow("red lamp,1,7");
});
