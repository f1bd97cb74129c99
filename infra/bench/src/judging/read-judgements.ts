import { existsSync } from "node:fs";
import { readFile } from "node:fs/promises";
import { gunzipSync } from "node:zlib";

/** A query with what people said of products: 0 (no match) to 3 (exact), by the id of the product's record. */
export type Rated = { query: string; ratings: Map<string, number> };

/** The rated queries of a file with the columns query, docid, rating. */
export async function readRatings(file: string): Promise<Rated[]> {
  const rated = new Map<string, Map<string, number>>();
  const [, ...lines] = (await read(file)).toString("utf8").trim().split(/\r?\n/);
  for (const line of lines) {
    const match = /^(.*),([^,]+),(\d)$/.exec(line);
    if (!match) throw new Error(`${file}: expected query,docid,rating: ${line}`);
    const [, query = "", id = "", rating] = match;
    const ratings = rated.get(query) ?? new Map<string, number>();
    rated.set(query, ratings.set(id, Number(rating)));
  }
  return [...rated].map(([query, ratings]) => ({ query, ratings }));
}

/** The words that the titles of an import file are made of. */
export async function readWords(file: string): Promise<ReadonlySet<string>> {
  const bytes = await read(file);
  const text = (file.endsWith(".gz") ? gunzipSync(bytes) : bytes).toString("utf8");
  const titles = text.split("\n").flatMap((line) => (line === "" ? [] : [titleOf(JSON.parse(line))]));
  return new Set(titles.flatMap((title) => title.toLowerCase().split(/[^a-z]+/)));
}

function titleOf(record: unknown): string {
  return typeof record === "object" && record !== null && "title" in record ? String(record.title) : "";
}

async function read(file: string): Promise<Buffer> {
  if (!existsSync(file))
    throw new Error(
      `There is no file ${file}. Search is judged by products.ndjson.gz and ratings-dev.csv beside the checkout, ` +
        "in ../shared/data/icecat; name others with --products and --ratings.",
    );
  return await readFile(file);
}
