/** A product as it is indexed: what is searched, filtered and sorted by. Which engine holds it is nobody's business. */
export type IndexDocument = {
  id: string;
  /** The catalogue's version of the product: an older one never replaces a newer one. */
  version: number;
  /** Archived products stay as a mark, so that a late event can't bring them back. */
  isLive: boolean;
  title: string;
  description: string;
  brand: string | null;
  /** From the root down to the product's own category. */
  categories: Category[];
  attributes: { name: string; value: string }[];
  /** SKUs, EAN and the like, which are searched whole. */
  ids: string[];
  skus: string[];
  /** The lowest price of a variant by currency, in minor units; the shop's own currency first. */
  prices: [currency: string, amount: number][];
  /** Mean of stars; null while there are no reviews. */
  rating: number | null;
  /** Milliseconds; newest first is by this. */
  publishedAt: number;
  /** What shoppers made of it; an engine fills it in from what it learned. */
  popularity?: number;
};

export type Category = { id: string; slug: string; name: string };

/** What can be bought of a SKU; an older version never replaces a newer one. */
export type SkuStock = { sku: string; productId: string; available: number; version: number };

export type Sort = "RELEVANCE" | "PRICE_ASC" | "PRICE_DESC" | "RATING" | "NEWEST";

/** Several values of one filter: any of them; several filters: all of them. */
export type Filters = {
  currency?: string;
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
  /** Where the page before ended. */
  after: Place | undefined;
  wantsFacets: boolean;
  /** What the asking customer seems to like. */
  preferences?: Preferences;
};

/** What a customer seems to like, from 0 to 1: by brand in lower case, and by slug of a product's own category. */
export type Preferences = { brands: Record<string, number>; categories: Record<string, number> };

/** What shoppers did since the last time, to be learned from. */
export type Activity = {
  /** Queries that found something, each with who asked it. */
  queries: [query: string, asker: string][];
  interactions: Interaction[];
};

/** A product was looked at or bought. */
export type Interaction = {
  productId: string;
  customerId: string | null;
  /** The search that led there. */
  query: string | null;
  /** Units bought; 0 when it was looked at. */
  bought: number;
  /** When, in milliseconds: popularity fades. */
  atMs: number;
};

/** A result's place: three sort keys that mean something to its engine, and its id, so that a page stays where it was while others come and go. */
export type Place = { keys: number[]; id: string };

export type Hit = { id: string; score: number; place: Place; highlight: string };

export type FacetValue = { value: string; label: string; count: number; selected: boolean };
export type Facet = { name: string; values: FacetValue[] };

export type SearchResult = {
  hits: Hit[];
  hasNextPage: boolean;
  totalCount: number;
  facets: Facet[];
  didYouMean: string | null;
};

export type Suggestions = { queries: string[]; productIds: string[]; categoryIds: string[] };

/** A search engine: the embedded one and Elasticsearch keep this same promise. */
export type SearchEngine = AsyncDisposable & {
  search(request: SearchRequest): Promise<SearchResult>;
  suggest(prefix: string, size: number): Promise<Suggestions>;
  /** Takes both kinds of change as one batch; found as soon as the promise is fulfilled. Old versions are passed over. */
  write(documents: readonly IndexDocument[], stock: readonly SkuStock[]): Promise<void>;
  /** Takes in what shoppers did: for popularity, tastes and suggestions. It outlives a rebuild; it may count something twice. */
  recordActivity(activity: Activity): Promise<void>;
  /** What a customer's views and purchases say; undefined for who has none. */
  preferencesOf(customerId: string): Promise<Preferences | undefined>;
  /** How many products can be found. */
  count(): Promise<number>;
  /** Grows with each write that changed something: what was answered before it may be stale. */
  revision(): number;
  /** Fills a new index from `pages` while the old one answers, then switches; writes meanwhile reach both. */
  rebuild(pages: AsyncIterable<{ documents: IndexDocument[]; stock: SkuStock[] }>): Promise<void>;
  /** Whether it holds the whole catalogue; a new or lost index does not, until it is rebuilt. */
  isComplete(): Promise<boolean>;
  /** It may lack something: it answers on, and is not complete until it is rebuilt. */
  markIncomplete(): Promise<void>;
  /** Why it can't answer now, or undefined. */
  ready(): Promise<string | undefined>;
};
