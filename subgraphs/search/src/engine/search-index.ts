import type { DocumentTokens } from "../text/document-tokens.ts";
import type { QueryContext, QueryPlan } from "../text/query-plan.ts";
import type { Chunk } from "../text/tokenize.ts";
import type { Category, Filters, Sort } from "./engine.ts";

/** The embedded engine answers at once, within its thread. */
type Awaitable<T> = T | Promise<T>;

/**
 * An engine's index as a query reads it: it matches, gives documents, pages by sort keys, counts facets and completes names.
 * Plans, relaxing, ranking, the choice of facets and pages exist once above it, in `src/query`.
 */
export type SearchIndex<M extends Match = Match> = QueryContext & {
  /** Matches a plan; the candidates are the best `limit` of those that pass the filters. A match is valid until the next one. */
  match(plan: QueryPlan, filters: Filters, limit: number): Awaitable<M>;
  /** Matches all products; the candidates are in stock before out of stock, then by static rank. */
  matchAll(filters: Filters, limit: number): Awaitable<M>;
  /** The documents of candidates in their order, without those that were removed since. */
  documents(candidates: M["candidates"]): Awaitable<readonly RankedDocument[]>;
  /** Passing matches by a sort key, then by id. */
  sortedPage(match: M, page: SortedPage<M>): Awaitable<readonly SortedEntry[]>;
  /** The lower-case name of an attribute value. */
  attributeName(attribute: AttributeRef): string;
  /** Whether an attribute has few and short values: a choice, no measurement and no text. */
  isChoice(name: string): boolean;
  /** Counts the matches by facet value. Each facet ignores its own filter, so that its other values stay visible. */
  countFacets(match: M, filters: Filters, attributes: readonly string[]): Awaitable<FacetCounts>;
  completeNames(typed: TypedName, size: number): Awaitable<CompletedNames>;
  categories(): Iterable<Category>;
};

export type Match = {
  /** An engine's own references. */
  candidates: readonly { readonly id: string }[];
  /** The number of matches regardless of filters. */
  total: number;
  /** The number of matches that pass all filters. */
  passing: number;
};

/** An engine's reference of an attribute value: equal for equal names and values, in any case. */
export type AttributeRef = string | number;

/** A title, and its chunks where the engine caches them. */
export type Title = { text: string; chunks?: readonly Chunk[] };

/** What the ranking and a page need of a product. */
export type RankedDocument = {
  readonly id: string;
  readonly version: number;
  readonly isInStock: boolean;
  readonly tokens: DocumentTokens;
  /** In lower case. */
  readonly brand: string | undefined;
  /** The slug of its own category. */
  readonly category: string | undefined;
  readonly attributes: Iterable<AttributeRef>;
  readonly title: Title;
};

/** One part of a sorted page. By relevance the order is the static rank: the ranked candidates are excluded. */
export type SortedPage<M extends Match = Match> = {
  sort: Sort;
  currency: string | undefined;
  isInStock: boolean;
  exclude?: M["candidates"] | undefined;
  /** Behind this place. */
  after: { key: number; id: string } | undefined;
  size: number;
};

/** An entry of a sorted page; smaller keys come first. */
export type SortedEntry = Pick<RankedDocument, "id" | "version" | "title"> & { key: number };

/** The key of a product without a price, in either direction. */
export const noPriceKey = 2 ** 52;

/** The key of a product that words don't rank. Ranked ones, whose scores are below 10, come before it. */
export function staticKeyOf(staticRank: number): number {
  return 2 ** 52 - staticRank;
}

/** By code units, as engines compare keywords. */
export function compareIds(one: string, other: string): number {
  return one < other ? -1 : one > other ? 1 : 0;
}

/** A value of a facet with its count. */
export type CountedValue = { value: string; label: string; count: number };

/** Counts by facet. Values without matches are listed where they are selected. */
export type FacetCounts = {
  categories: CountedValue[];
  brands: CountedValue[];
  /** By price range. */
  prices: ArrayLike<number>;
  /** By stars: `ratings[n]` products have n or more. */
  ratings: ArrayLike<number>;
  inStock: number;
  outOfStock: number;
  attributes: { name: string; label: string; values: CountedValue[] }[];
};

/** A typed name: the stems of its whole words, and its last word with the words that complete it. */
export type TypedName = {
  before: readonly (readonly string[])[];
  /** The last word and its stems, as beginnings. */
  last: readonly string[];
  completed: readonly string[];
};

/** The best products of such a name, in stock first; and the completions that some product's name has beside the other words. */
export type CompletedNames = { productIds: string[]; completed: ReadonlySet<string> };
