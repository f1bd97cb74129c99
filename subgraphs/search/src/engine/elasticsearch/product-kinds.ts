import type { Client } from "@elastic/elasticsearch";
import type { Popularity, ProductKind } from "../engine.ts";
import { staticRankOf } from "../../ranking/static-rank.ts";
import type { ElasticDocument } from "./elastic-document.ts";

/** The kinds of products, by id. */
export async function kindsOf(
  client: Client,
  index: string,
  productIds: readonly string[],
): Promise<ReadonlyMap<string, ProductKind>> {
  if (productIds.length === 0) return new Map();
  const { docs } = await client.mget<Pick<ElasticDocument, "brand_key" | "category_path">>({
    index,
    ids: [...productIds],
    _source: ["brand_key", "category_path"],
  });
  return new Map(
    docs.flatMap((found): [string, ProductKind][] => {
      if (!("_source" in found) || !found._source) return [];
      const { brand_key: brand, category_path: path } = found._source;
      return [[found._id, { brand, category: path.at(-1) }]];
    }),
  );
}

/** Writes popularity and the static rank by it, by compare-and-set: false if a product was changed meanwhile. */
export async function writePopularity(
  client: Client,
  index: string,
  popularity: Popularity,
): Promise<boolean> {
  if (popularity.size === 0) return true;
  const { docs } = await client.mget<Pick<ElasticDocument, "published_at" | "popularity">>({
    index,
    ids: [...popularity.keys()],
    _source: ["published_at", "popularity"],
  });
  const operations = docs.flatMap((found) => {
    if (!("_source" in found) || !found._source) return [];
    const { _id, _seq_no: if_seq_no, _primary_term: if_primary_term, _source: known } = found;
    const now = popularity.get(_id) ?? 0;
    if (now <= (known.popularity ?? 0)) return [];
    const doc = { popularity: now, standing: staticRankOf(now, known.published_at) };
    return [{ update: { _index: index, _id, if_seq_no, if_primary_term } }, { doc }];
  });
  if (operations.length === 0) return true;
  return !(await client.bulk({ require_alias: true, operations })).errors;
}
