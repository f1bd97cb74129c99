import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { gunzipSync } from "node:zlib";
import type { IndexDocument } from "../engine.ts";

/** A query with what people said of products: 0 (no match) to 3 (exact), by product id. */
export type Rated = { query: string; ratings: Map<string, number> };

type IcecatRecord = {
  id: string;
  sku: string;
  title: string;
  description: string | null;
  brand: string | null;
  priceCents: number;
  ean: string | null;
  releasedAt: string | null;
  attributes: Record<string, string | number | boolean>;
};

/** The products, as the importer and the mapping would make them. */
export async function readProducts(folder: string): Promise<IndexDocument[]> {
  const lines = gunzipSync(await readFile(join(folder, "products.ndjson.gz"))).toString("utf8");
  return lines
    .split("\n")
    .filter((line) => line !== "")
    .map((line) => documentOf(JSON.parse(line) as IcecatRecord));
}

function documentOf(record: IcecatRecord): IndexDocument {
  const { attributes } = record;
  const type = String(attributes["product type"] ?? attributes["type"] ?? "Other");
  return {
    id: record.id,
    version: 1,
    isLive: true,
    title: record.title,
    description: record.description ?? "",
    brand: record.brand,
    categories: [{ id: type, slug: type.toLowerCase(), name: type }],
    attributes: Object.entries(attributes).map(([name, value]) => ({ name, value: String(value) })),
    ids: [record.sku, record.ean].filter((id) => id !== null),
    skus: [`${record.sku}-${record.id}`],
    prices: [["USD", record.priceCents]],
    rating: null,
    publishedAt: Date.parse(record.releasedAt ?? "2000-01-01"),
  };
}

/** The rated queries of a file with the columns query, docid, rating. */
export async function readRatings(folder: string): Promise<Rated[]> {
  const rated = new Map<string, Map<string, number>>();
  const [, ...lines] = (await readFile(join(folder, "ratings-dev.csv"), "utf8")).trim().split(/\r?\n/);
  for (const line of lines) {
    const match = /^(.*),([^,]+),(\d)$/.exec(line);
    if (!match) throw new Error(`expected query,docid,rating: ${line}`);
    const [, query = "", id = "", rating] = match;
    const ratings = rated.get(query) ?? new Map<string, number>();
    rated.set(query, ratings.set(id, Number(rating)));
  }
  return [...rated].map(([query, ratings]) => ({ query, ratings }));
}
