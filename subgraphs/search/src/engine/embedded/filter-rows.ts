import type { Filters } from "../engine.ts";
import { defaultCurrency } from "../../query/facets/price-ranges.ts";
import type { Columns } from "./columns.ts";
import type { AttributeValues } from "./attribute-values.ts";

/** One bit for each kind of filter, so that a facet can ignore its own. */
export const filterBits = { category: 1, brand: 2, price: 4, rating: 8, stock: 16 } as const;
const firstAttributeBit = 32;
const maxAttributeFilters = 20;

/** The bits of the filters that a row fails; 0 if it passes all. */
export type FailedFilters = (row: number) => number;

/** The bit of the attribute filter at this index. */
export function attributeBit(at: number): number {
  return firstAttributeBit << Math.min(at, maxAttributeFilters);
}

/** Compiles filters to one check of a row, at the cost of a few array reads. */
export function failedFilters(
  filters: Filters,
  columns: Columns,
  attributeValues: AttributeValues,
): FailedFilters {
  const checks: FailedFilters[] = [];
  if (filters.categories?.length) checks.push(categoryCheck(filters.categories, columns));
  if (filters.brands?.length) checks.push(brandCheck(filters.brands, columns));
  const { isPriced, priceMin, priceMax, ratingMin, inStock } = filters;
  if (isPriced || priceMin !== undefined || priceMax !== undefined) {
    const prices = columns.pricesIn(filters.currency ?? defaultCurrency);
    const [low, high] = [priceMin ?? 0, priceMax ?? Infinity];
    checks.push((row) => {
      const price = prices[row] ?? NaN;
      return price >= low && price <= high ? 0 : filterBits.price;
    });
  }
  if (ratingMin !== undefined) {
    checks.push((row) => ((columns.rating[row] ?? 0) >= ratingMin ? 0 : filterBits.rating));
  }
  if (inStock !== undefined) {
    const wanted = inStock ? 1 : 0;
    checks.push((row) => (columns.inStock[row] === wanted ? 0 : filterBits.stock));
  }
  (filters.attributes ?? []).forEach(({ name, values }, at) => {
    const rows = new Uint8Array(columns.rows + 1);
    for (const value of values)
      attributeValues.forEachRow(attributeValues.find(name, value), (row) => (rows[row] = 1));
    const bit = attributeBit(at);
    checks.push((row) => (rows[row] === 1 ? 0 : bit));
  });
  const [only, ...more] = checks;
  if (!only) return () => 0;
  if (more.length === 0) return only;
  return (row) => {
    let failed = 0;
    for (const check of checks) failed |= check(row);
    return failed;
  };
}

function categoryCheck(slugs: readonly string[], columns: Columns): FailedFilters {
  const wanted = new Set(slugs.map((slug) => columns.categories.find(slug)));
  wanted.delete(0);
  const passes = new Uint8Array(columns.categories.size + 1);
  columns.categories.all().forEach(({ path }, at) => {
    if (path.some((index) => wanted.has(index))) passes[at + 1] = 1;
  });
  return (row) => (passes[columns.category[row] ?? 0] === 1 ? 0 : filterBits.category);
}

function brandCheck(brands: readonly string[], columns: Columns): FailedFilters {
  const wanted = new Set(brands.map((brand) => columns.brands.find(brand.toLowerCase())));
  wanted.delete(0);
  return (row) => (wanted.has(columns.brand[row] ?? 0) ? 0 : filterBits.brand);
}
