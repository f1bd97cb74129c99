/** A product as an engine indexes it: the fields for search, filters and sorts. */
export type IndexDocument = {
  id: string;
  /** The catalogue's version of the product: an older one never replaces a newer one. */
  version: number;
  /** False for an archived product: its document stays, so that a late event can't bring it back. */
  isLive: boolean;
  title: string;
  description: string;
  brand: string | null;
  /** From the root down to the product's own category. */
  categories: Category[];
  attributes: { name: string; value: string }[];
  /** SKUs, EANs and the like; a query matches them whole. */
  ids: string[];
  skus: string[];
  /** The lowest price of a variant by currency, in minor units; the shop's own currency first. */
  prices: [currency: string, amount: number][];
  /** Mean of stars; null while there are no reviews. */
  rating: number | null;
  /** In milliseconds; the sort key of `NEWEST`. */
  publishedAt: number;
  /** Popularity among shoppers; the index keeps the larger of its own and this. */
  popularity?: number;
};

export type Category = { id: string; slug: string; name: string };

/** The available stock of a SKU; an older version never replaces a newer one. */
export type SkuStock = { sku: string; productId: string; available: number; version: number };

export type Sort = "RELEVANCE" | "PRICE_ASC" | "PRICE_DESC" | "RATING" | "NEWEST";

/** Several values of one filter: any of them; several filters: all of them. */
export type Filters = {
  currency?: string;
  /** Leaves out products without a price in the currency; in the shop's own each has one. */
  isPriced?: boolean;
  categories?: string[];
  brands?: string[];
  priceMin?: number;
  priceMax?: number;
  ratingMin?: number;
  inStock?: boolean;
  attributes?: { name: string; values: string[] }[];
};

export type SearchRequest = {
  /** As typed; empty for all products. */
  query: string;
  filters: Filters;
  sort: Sort;
  size: number;
  /** The place of the last hit of the page before. */
  after: Place | undefined;
  wantsFacets: boolean;
  /** The preferences of the customer who searches. */
  preferences?: Preferences;
};

/** A customer's preferences, each from 0 to 1: by brand in lower case, and by slug of a product's own category. */
export type Preferences = { brands: Record<string, number>; categories: Record<string, number> };

/** What preferences know of a product: its brand in lower case, and the slug of its own category. */
export type ProductKind = { brand?: string | undefined; category?: string | undefined };

/** The popularity of products by id. It never sinks, so of two the larger one is the newer one. */
export type Popularity = ReadonlyMap<string, number>;

/**
 * A hit's place in the order; smaller keys come first, ties are by id. A cursor has it, so that the next page begins behind it
 * while other products come and go. Tiers: matches of all terms before others, in each the products in stock first.
 */
export type Place = { tier: number; key: number; version: number; id: string };

export type Hit = { id: string; score: number; place: Place; highlight: string };

export type FacetValue = { value: string; label: string; count: number; selected: boolean };
export type Facet = { name: string; values: FacetValue[] };

export type SearchResult = {
  hits: Hit[];
  hasNextPage: boolean;
  totalCount: number;
  facets: Facet[];
  didYouMean: string | null;
  /** What was dropped to find more; null if all words count. */
  relaxed: { dropped: string[]; kept: string[] } | null;
};

export type Suggestions = { queries: string[]; productIds: string[]; categoryIds: string[] };

/** A search engine. Both, the embedded one and Elasticsearch, keep this contract; the suites in `test/` are looped over them. How a query is answered exists once, over the `SearchIndex` of either. */
export type SearchEngine = AsyncDisposable & {
  search(request: SearchRequest): Promise<SearchResult>;
  suggest(prefix: string, size: number): Promise<Suggestions>;
  /** Writes products and stock as one batch; searches find them once the promise is fulfilled. Old versions are skipped. */
  write(documents: readonly IndexDocument[], stock: readonly SkuStock[]): Promise<void>;
  /** Sets the popularity of products; unknown ones are skipped. False while a rebuild is under way, which reads it with its pages. */
  setPopularity(popularity: Popularity): Promise<boolean>;
  /** The kinds of those of these products that the index has or had. */
  kindsOf(productIds: readonly string[]): Promise<ReadonlyMap<string, ProductKind>>;
  /** The number of live products. */
  count(): Promise<number>;
  /** Grows with each write that changed something: results of an older revision may be stale. */
  revision(): number;
  /** Fills a new index from `pages` while the old one answers, then switches. Writes meanwhile go to both. */
  rebuild(pages: AsyncIterable<{ documents: IndexDocument[]; stock: SkuStock[] }>): Promise<void>;
  /** Whether the index has the whole catalogue; a new or lost index does not, until it is rebuilt. */
  isComplete(): Promise<boolean>;
  /** Marks that the index may lack something. It answers on, and is incomplete until it is rebuilt. */
  markIncomplete(): Promise<void>;
  /** The reason why the engine can't answer now, or undefined. */
  ready(): Promise<string | undefined>;
};
