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
  '{"id":"9","sku":"","title":"T","priceCents":-1}',
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
  const zipped = `${plain}.gz`;
  await writeFile(plain, lines.join("\n"));
  await writeFile(zipped, gzipSync(lines.join("\n")));
  const { records, bad } = await read(plain);
  expect(await read(zipped)).toEqual({ records, bad });
  expect(bad.map(({ line }) => line)).toEqual([3, 5, 7]);
  expect(bad[2]?.reason).toMatch(/sku.*priceCents/);
  expect(records[0]).toMatchObject({
    externalId: "7",
    slug: "grosse-m-cap-7",
    categoryPath: ["Cap"],
    variants: [{ sku: "A-1", price: { amount: "19.95", currency: "USD" } }],
  });
  expect(records[0]?.attributes).toContainEqual({ name: "size", value: "17" });
  expect(records[1]?.title).toBe("A\u2028B");
  expect(records[2]).toMatchObject({ categoryPath: ["Other"], variants: [{ sku: "A-1-8" }] });
  expect(records[2]?.attributes).toContainEqual({ name: "part number", value: "A-1" });
});

test("a file that is not there is an error, not a crash", async () => {
  await expect(read("/nowhere/at/all.ndjson.gz")).rejects.toThrow(/ENOENT/);
});
