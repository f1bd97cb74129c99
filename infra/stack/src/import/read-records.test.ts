import { mkdtemp, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import { gzipSync } from "node:zlib";
import { expect, test } from "vitest";
import { readRecords, type BadLine } from "./read-records.ts";

const lines = [
  '{"id":"7","sku":"A-1","title":"Größe \\"M\\" Cap","priceCents":1995,"brand":"X","ean":"0001","attributes":{"product type":"Cap","size":17.0,"warm":true}}',
  '{"id":"6","sku":"U","title":"A\u2028B","priceCents":1}',
  "not json",
  '{"id":"8","sku":"A-1","title":"Another","priceCents":5}',
  '{"id":"8","sku":"B","title":"Again","priceCents":5}',
  "",
  '{"id":"9","sku":"","priceCents":"95","attributes":{"size":[1]}}',
  "[1]",
  '{"id":"10","sku":"G","title":"A gift","priceCents":0}',
  '{"id":"11","sku":"H","title":"A bolt","priceCents":1}',
];

async function read(file: string) {
  const bad: BadLine[] = [];
  const records = [];
  for await (const record of readRecords(file, (line) => bad.push(line))) records.push(record);
  return { records, bad };
}

test("good lines become products, bad ones are named by number and reason", async () => {
  const folder = await mkdtemp(path.join(tmpdir(), "import-"));
  const plain = path.join(folder, "products.ndjson");
  const zipped = path.join(folder, "zipped");
  await writeFile(plain, lines.join("\n"));
  await writeFile(zipped, gzipSync(lines.join("\n")));
  const { records, bad } = await read(plain);
  expect(await read(zipped)).toEqual({ records, bad });
  expect(bad.map(({ line }) => line)).toEqual([3, 5, 7, 8, 9]);
  expect(bad[2]?.reason.split("; ")).toEqual([
    'sku: expected a text of 1 to 250 characters, got ""',
    "title: expected a text of 1 to 500 characters, got none",
    'priceCents: expected a whole number of US cents, 1 to 10000000000, without quotes, got "95"',
    'attributes: expected an object of names and their texts, numbers or booleans, or nothing, got {"size":[1]}',
  ]);
  expect(bad[3]?.reason).toBe("expected an object in braces, got [1]");
  expect(records[0]).toMatchObject({
    externalId: "7",
    line: 1,
    slug: "grosse-m-cap-7",
    categoryPath: ["Cap"],
    variants: [{ sku: "A-1", price: { amount: "19.95", currency: "USD" } }],
  });
  expect(records[0]?.attributes).toContainEqual({ name: "size", value: "17" });
  expect(records[1]?.title).toBe("A\u2028B");
  expect(records[2]).toMatchObject({ categoryPath: ["Other"], variants: [{ sku: "A-1-8" }] });
  expect(records[3]).toMatchObject({ line: 10, variants: [{ price: { amount: "0.01" } }] });
  expect(records[2]?.attributes).toContainEqual({ name: "part number", value: "A-1" });
});

test("a file that is not there is an error, not a crash", async () => {
  await expect(read("/nowhere/at/all.ndjson.gz")).rejects.toThrow(/ENOENT/);
});

test("a compressed file that is cut short is refused with that reason", async () => {
  const file = path.join(await mkdtemp(path.join(tmpdir(), "import-")), "cut.gz");
  await writeFile(file, gzipSync(lines.join("\n")).subarray(0, 100));
  await expect(read(file)).rejects.toThrow(`${file} can't be read to its end: unexpected end of file`);
});
