import { badInput } from "@shop/service";
import { isCurrency, normalText, pageSize, parseMoney } from "@shop/values";
import { maxQueryLength } from "../text/query-words.ts";
import type { Filters, SearchRequest } from "../engine/engine.ts";
import type { QuerySearchArgs, SearchFilters } from "../generated/resolvers.ts";
import { readCursor } from "./cursor.ts";

const maxValues = 100;
const maxAttributes = 20;
const maxValueLength = 300;

/** Validates a caller's arguments; throws BAD_USER_INPUT for those that no search could mean. */
export function readRequest(
  { query, filters, sort, first, after }: Partial<QuerySearchArgs>,
  shopCurrency: string,
): Omit<SearchRequest, "wantsFacets"> {
  const text = readText(query ?? "", "query");
  return {
    query: text,
    filters: readFilters(filters ?? {}, shopCurrency),
    sort: sort ?? "RELEVANCE",
    size: pageSize(first),
    after: after ? readCursor(after, sort ?? "RELEVANCE") : undefined,
  };
}

/** A typed text in its normal form; throws BAD_USER_INPUT if it is longer than any shopper types. */
export function readText(text: string, field: string): string {
  if (text.length > maxQueryLength) {
    throw badInput(`"${field}" may have ${maxQueryLength} characters, got ${text.length}`, [field]);
  }
  return normalText(text.toWellFormed());
}

/** Validates the form of a product's id; only catalog knows whether the product exists. */
export function readId(id: string): string {
  if (!/^[\w-]{1,100}$/.test(id)) throw badInput("this is no product's id", ["productId"]);
  return id;
}

function readFilters(filters: SearchFilters, shopCurrency: string): Filters {
  const currency = filters.currency ?? shopCurrency;
  if (!isCurrency(currency))
    throw badInput(`"${currency.slice(0, 10)}" is no currency`, ["filters", "currency"]);
  const minor = (decimal: string | null | undefined) =>
    decimal === null || decimal === undefined ? undefined : parseMoney(decimal, currency).amount;
  // A filter without values is no filter, like the others.
  const attributes = (filters.attributes ?? []).filter(({ values: wanted }) => wanted.length > 0);
  if (attributes.length > maxAttributes) {
    throw badInput(`at most ${maxAttributes} attributes can be filtered by`, ["filters", "attributes"]);
  }
  const read: { [K in keyof Filters]: Filters[K] | undefined } = {
    currency,
    isPriced: currency === shopCurrency ? undefined : true,
    categories: values(filters.category, "category"),
    brands: values(filters.brand, "brand"),
    priceMin: minor(filters.priceMin),
    priceMax: minor(filters.priceMax),
    ratingMin: filters.ratingMin ?? undefined,
    inStock: filters.inStock ?? undefined,
    attributes:
      attributes.length === 0
        ? undefined
        : attributes.map(({ name, values: wanted }) => ({
            name: values([name], "attributes")?.[0] ?? name,
            values: values(wanted, "attributes") ?? [],
          })),
  };
  return Object.fromEntries(Object.entries(read).filter(([, value]) => value !== undefined));
}

function values(wanted: readonly string[] | null | undefined, field: string): string[] | undefined {
  if (wanted === null || wanted === undefined) return undefined;
  if (wanted.length > maxValues)
    throw badInput(`at most ${maxValues} values are allowed`, ["filters", field]);
  if (wanted.some((value) => value.length > maxValueLength))
    throw badInput(`a value may have at most ${maxValueLength} characters`, ["filters", field]);
  return wanted.length === 0 ? undefined : wanted.map((value) => normalText(value.toWellFormed()));
}
