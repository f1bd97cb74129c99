import { existsSync } from "node:fs";
import { readFile } from "node:fs/promises";
import { gunzipSync } from "node:zlib";

/** A query with what was said of products: 0 (no match) to 3 (exact), by the id of the product's record. */
export type Rated = { query: string; ratings: Map<string, number> };

/**
 * The rated queries of files with the columns query, docid, rating, and perhaps a reason; # begins a comment. A later file
 * completes an earlier one, and overrules none of it.
 */
export async function readRatings(files: readonly string[]): Promise<Rated[]> {
  const rated = new Map<string, Map<string, number>>();
  for (const file of files) {
    const text = (await read(file)).toString("utf8");
    const [, ...lines] = text.split(/\r?\n/).filter((line) => line !== "" && !line.startsWith("#"));
    for (const line of lines) {
      const match = /^(.+?),([^,\s]+),([0-3])(?:,.*)?$/.exec(line);
      if (!match)
        throw new Error(`${file}: expected query,docid,rating or query,docid,rating,reason: ${line}`);
      const [, query = "", id = "", rating] = match;
      const ratings = rated.get(query) ?? new Map<string, number>();
      rated.set(query, ratings);
      if (!ratings.has(id)) ratings.set(id, Number(rating));
    }
  }
  return [...rated].map(([query, ratings]) => ({ query, ratings }));
}

/** The titles of an import file, by the id of the record. */
export async function readTitles(file: string): Promise<ReadonlyMap<string, string>> {
  const bytes = await read(file);
  const text = (file.endsWith(".gz") ? gunzipSync(bytes) : bytes).toString("utf8");
  return new Map(text.split("\n").flatMap((line) => (line === "" ? [] : [titled(JSON.parse(line))])));
}

/** The words that titles are made of. */
export function wordsOf(titles: ReadonlyMap<string, string>): ReadonlySet<string> {
  return new Set([...titles.values()].flatMap((title) => title.toLowerCase().split(/[^a-z]+/)));
}

function titled(record: unknown): [id: string, title: string] {
  const { id, title } = record as { id: unknown; title: unknown };
  return [String(id), String(title)];
}

async function read(file: string): Promise<Buffer> {
  if (!existsSync(file))
    throw new Error(
      `There is no file ${file}. Search is judged by products.ndjson.gz and ratings-dev.csv beside the checkout, ` +
        "in ../shared/data/icecat; name others with --products and --ratings.",
    );
  return await readFile(file);
}
