import { once } from "node:events";
import { createReadStream } from "node:fs";
import { createGunzip } from "node:zlib";
import { isText } from "@shop/values";
import { z } from "zod";
import { messageOf } from "../messages.ts";
import { slugOf, type ProductRecord } from "./product-record.ts";

/**
 * One line of an import file: a JSON object.
 * `id` (unique in the file), `sku`, `title`, `priceCents` (whole US cents) are needed; `description`, `brand`, `image` (URL), `ean`
 * and `attributes` (name -> text, number or boolean) may be left out. Other fields are ignored.
 */
const line = z.object({
  id: z.union([z.string().trim().min(1).max(100), z.int().transform(String)]),
  sku: z.string().trim().min(1).max(250),
  title: z.string().trim().min(1).max(500),
  description: z.string().nullish(),
  brand: z.string().trim().nullish(),
  priceCents: z.int().min(1).max(100_000_000_00),
  image: z.url({ protocol: /^https?$/ }).nullish(),
  ean: z.string().trim().nullish(),
  attributes: z.record(z.string(), z.union([z.string(), z.number(), z.boolean()])).nullish(),
});

type Line = z.infer<typeof line>;

const wanted: Record<keyof Line, string> = {
  id: "a text of 1 to 100 characters, or a whole number",
  sku: "a text of 1 to 250 characters",
  title: "a text of 1 to 500 characters",
  description: "a text, or nothing",
  brand: "a text, or nothing",
  priceCents: "a whole number of US cents, 1 to 10000000000, without quotes",
  image: "an address that begins with http:// or https://, or nothing",
  ean: "a text in quotes, or nothing",
  attributes: "an object of names and their texts, numbers or booleans, or nothing",
};

/** A line that was left out, and why. */
export type BadLine = { line: number; reason: string };

/** The units that an imported product begins with, all in one warehouse. */
export const importedUnits = { warehouse: "RNO", units: 100 };

/**
 * Reads a file of products (NDJSON, gzipped or not, whatever it is called), record by record. Bad lines are reported and left out.
 * A SKU that an earlier line has gets the record's id appended; the original stays findable as the attribute "part number".
 */
export async function* readRecords(
  file: string,
  onBadLine: (bad: BadLine) => void,
): AsyncGenerator<ProductRecord> {
  const skus = new Set<string>();
  const ids = new Set<string>();
  let number = 0;
  for await (const row of linesOf(file)) {
    number++;
    if (row.trim() === "") continue;
    const read = readLine(row);
    if ("reason" in read) {
      onBadLine({ line: number, reason: read.reason });
    } else if (ids.has(read.id)) {
      onBadLine({ line: number, reason: `the id "${read.id}" is on an earlier line as well` });
    } else {
      ids.add(read.id);
      const isRepeated = skus.has(read.sku);
      skus.add(read.sku);
      yield { ...recordOf(read, isRepeated), line: number };
    }
  }
}

/** The same record under a SKU of its own, where another product of the shop has its SKU. */
export function withOwnSku(record: ProductRecord): ProductRecord {
  const variants = record.variants.map((variant) => ({
    ...variant,
    sku: `${variant.sku}-${record.externalId}`,
  }));
  const partNumber = { name: "part number", value: record.variants[0]?.sku ?? "" };
  return { ...record, variants, attributes: [...record.attributes, partNumber] };
}

/** Lines end in a line feed only: JSON texts may hold the other characters that end a line elsewhere, such as U+2028. */
async function* linesOf(file: string): AsyncGenerator<string> {
  let rest = "";
  try {
    for await (const chunk of await openText(file)) {
      const lines = (rest + String(chunk)).split("\n");
      rest = lines.pop() ?? "";
      yield* lines;
    }
  } catch (error) {
    throw new Error(`${file} can't be read to its end: ${messageOf(error)}`, { cause: error });
  }
  if (rest !== "") yield rest;
}

/** A pipe is read as well: nothing is read twice. */
async function openText(file: string): Promise<NodeJS.ReadableStream> {
  const bytes = createReadStream(file);
  await Promise.race([once(bytes, "readable"), once(bytes, "end")]);
  const start = bytes.read(gzipMark.length) as Buffer | null;
  if (start) bytes.unshift(start);
  if (!start?.equals(gzipMark)) return bytes.setEncoding("utf8");
  const text = createGunzip();
  // A pipe doesn't pass errors on: without this a broken file would end the process.
  bytes.on("error", (error) => text.destroy(error));
  return bytes.pipe(text).setEncoding("utf8");
}

const gzipMark = Buffer.from([0x1f, 0x8b]);

function readLine(text: string): Line | { reason: string } {
  let json: unknown;
  try {
    json = JSON.parse(text, (_, value: unknown) => {
      if (typeof value === "string" && !isText(value)) throw new RangeError(unfit);
      return value;
    });
  } catch (error) {
    return { reason: error instanceof RangeError ? error.message : `not JSON: ${text.slice(0, 40)}` };
  }
  const read = line.safeParse(json);
  if (read.success) return read.data;
  const fields = new Set(read.error.issues.map(({ path }) => path[0] as keyof Line | undefined));
  return { reason: [...fields].map((field) => wrongIn(json, field)).join("; ") };
}

/** The expected and the actual value of a field. */
function wrongIn(json: unknown, field: keyof Line | undefined): string {
  if (field === undefined) return `expected an object in braces, got ${shown(json)}`;
  return `${field}: expected ${wanted[field]}, got ${shown(Reflect.get(Object(json) as object, field))}`;
}

function shown(value: unknown): string {
  const text = JSON.stringify(value) as string | undefined;
  if (text === undefined) return "none";
  return text.length <= 60 ? text : `${text.slice(0, 60)}…`;
}

const unfit = "a text has the character NUL or half of a surrogate pair, which no store keeps";

function recordOf(from: Line, isSkuRepeated: boolean): ProductRecord {
  const values = Object.entries(from.attributes ?? {}).map(([name, value]) => ({
    name,
    value: textOf(value),
  }));
  const attributes = values.filter(({ name, value }) => name.trim() !== "" && value !== "");
  if (from.ean) attributes.push({ name: "ean", value: from.ean });
  const type = from.attributes?.["product type"] ?? from.attributes?.["type"];
  const record: ProductRecord = {
    externalId: from.id,
    slug: slugOf(from.title, from.id),
    title: from.title,
    description: from.description ?? "",
    ...(from.brand ? { brand: from.brand } : {}),
    categoryPath: [type === undefined ? "Other" : textOf(type) || "Other"],
    attributes,
    imageUrls: from.image ? [from.image] : [],
    variants: [
      {
        sku: from.sku,
        price: { amount: (from.priceCents / 100).toFixed(2), currency: "USD" },
        units: { [importedUnits.warehouse]: importedUnits.units },
      },
    ],
  };
  return isSkuRepeated ? withOwnSku(record) : record;
}

function textOf(value: string | number | boolean): string {
  if (typeof value === "boolean") return value ? "Yes" : "No";
  return String(value).trim();
}
