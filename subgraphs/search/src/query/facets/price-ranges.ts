import { minorDigits } from "@shop/values";
import type { FacetValue, Filters } from "../../engine/engine.ts";

/** The starts of the price ranges in minor units: one, two and five times a power of ten, round in every currency. */
export const priceRangeStarts: readonly number[] = [
  0,
  ...Array.from({ length: 8 }, (_, power) => [1, 2, 5].map((by) => by * 10 ** (power + 2))).flat(),
];

/** For a request without a currency; the resolvers always set one. */
export const defaultCurrency = "USD";

/** The range number of a product without a price. */
export const noPriceRange = 255;

/** The number of a price's range. */
export function priceRangeOf(price: number): number {
  let [low, high] = [0, priceRangeStarts.length - 1];
  while (low < high) {
    const middle = (low + high + 1) >> 1;
    if ((priceRangeStarts[middle] ?? 0) <= price) low = middle;
    else high = middle - 1;
  }
  return low;
}

/** The values of the price facet: the ranges with products. A value ends one minor unit below the next range. */
export function priceValues(
  counts: ArrayLike<number>,
  { priceMin, priceMax, currency = defaultCurrency }: Filters,
): FacetValue[] {
  const digits = minorDigits(currency);
  const short = (amount: number) => String(amount / 10 ** digits);
  return priceRangeStarts.flatMap((from, at) => {
    const below = priceRangeStarts[at + 1];
    const label = below === undefined ? `${short(from)}+` : `${short(from)}-${short(below)}`;
    const value = below === undefined ? label : `${short(from)}-${short(below - 1)}`;
    const count = counts[at] ?? 0;
    const isWithin = priceMin !== undefined && priceMin <= from;
    const selected = isWithin && (priceMax ?? Infinity) >= (below ?? Infinity) - 1;
    return count > 0 ? [{ value, label, count, selected }] : [];
  });
}
