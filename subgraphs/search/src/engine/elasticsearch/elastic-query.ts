import type { estypes } from "@elastic/elasticsearch";
import { fields } from "../../text/analyze-document.ts";
import type { Alternative, QueryPlan } from "../../text/query-plan.ts";
import type { Filters } from "../engine.ts";
import type { Match } from "../search-index.ts";
import { fieldWeights } from "../../ranking/weights.ts";
import { attributeKeywordPrefix } from "./elastic-document.ts";
import type { CompactHit } from "./ranked-documents.ts";

type Query = estypes.QueryDslQueryContainer;

const weighted = fields.map((field, at) => `terms.${field}^${fieldWeights[at] ?? 1}`);

/** Title, brand and type. */
const naming = weighted.slice(0, 3);

/** Excludes archived products. */
export const isLive: Query = { term: { is_live: true } };

/** The order of products that words don't rank: in stock before out of stock. */
export const byStaticRank: estypes.SortCombinations[] = [
  { in_stock: "desc" },
  { standing: { order: "desc", unmapped_type: "long" } },
  { id: "asc" },
];

/** A match with its query and its filters, by which it is paged. */
export type ElasticMatch = Match & { candidates: readonly CompactHit[]; query: Query; filter: Query };

/**
 * The text part of a search. What the query's noun may name scores most: the candidates of a broad query would otherwise be
 * accessories, whose short titles have the word as well.
 */
export function textQuery({ groups, head, required }: QueryPlan): Query {
  if (groups.length === 0) return { match_none: {} };
  const anywhere = groups.map((group) => anyOf(group, weighted));
  const named = (groups[head] ?? []).map(({ terms, weight }): Query => ({
    constant_score: { filter: { term: { heads: terms.at(-1) ?? "" } }, boost: headBoost * weight },
  }));
  const first: Query[] = named.length > 0 ? [{ dis_max: { queries: named } }] : [];
  const all: Query = { bool: { must: anywhere, should: first } };
  if (!required) return all;
  const needed = groups.filter((_, at) => required.includes(at)).map((group) => anyOf(group, naming));
  const others = anywhere.filter((_, at) => !required.includes(at));
  const relaxed: Query = { bool: { must: needed, should: [...others, ...first] } };
  return { dis_max: { queries: [all, relaxed] } };
}

/** About what the best match of a rare word scores. */
const headBoost = 10;

function anyOf(group: readonly Alternative[], searched: string[]): Query {
  return { dis_max: { queries: group.map((alternative) => alternativeQuery(alternative, searched)) } };
}

function alternativeQuery({ terms, weight }: Alternative, searched: string[]): Query {
  const query = terms.join(" ");
  if (terms.length > 1) return { multi_match: { query, type: "phrase", fields: searched, boost: weight } };
  return { combined_fields: { query, fields: searched, boost: weight } };
}

/** One query for each filter that is set, by the name of its facet, so that a facet can ignore its own. */
export function filterQueries(filters: Filters, shopCurrency: string): Map<string, Query> {
  const queries = new Map<string, Query>();
  const { categories, brands, isPriced, priceMin, priceMax, ratingMin, inStock } = filters;
  if (categories?.length) queries.set("category", { terms: { category_path: categories } });
  if (brands?.length)
    queries.set("brand", { terms: { brand_key: brands.map((brand) => brand.toLowerCase()) } });
  if (isPriced || priceMin !== undefined || priceMax !== undefined) {
    const range = {
      gte: priceMin ?? 0,
      ...(priceMax !== undefined && { lte: priceMax }),
    };
    queries.set("price", { range: { [`price.${filters.currency ?? shopCurrency}`]: range } });
  }
  // A product without a rating has 0 stars.
  if (ratingMin !== undefined && ratingMin > 0)
    queries.set("rating", { range: { rating: { gte: ratingMin } } });
  if (inStock !== undefined) queries.set("inStock", { term: { in_stock: inStock } });
  for (const [at, { name, values }] of (filters.attributes ?? []).entries()) {
    const should = values
      .map((value) => attributeKeywordPrefix(name, value))
      .filter((prefix) => Buffer.byteLength(prefix) <= maxPrefixBytes)
      .map((prefix): Query => ({ prefix: { traits: prefix } }));
    queries.set(
      `attribute ${at}`,
      should.length === 0 ? { match_none: {} } : { bool: { should, minimum_should_match: 1 } },
    );
  }
  return queries;
}

// Elasticsearch refuses prefixes of more than 1000 bytes.
const maxPrefixBytes = 900;

/** All filters but the named one. */
export function allBut(queries: ReadonlyMap<string, Query>, own?: string): Query {
  const filter = [...queries].filter(([name]) => name !== own).map(([, query]) => query);
  return filter.length === 0 ? { match_all: {} } : { bool: { filter } };
}
