import type { Preferences } from "../engine/engine.ts";

/** The maximum that preferences add to a score; the best match of the words has a score of about 1. */
const maxPreferenceBonus = 0.1;
/** The bonus of a product by preferences. An exact match gets the maximum on top, so that preferences never outrank it. */
export function preferenceBonus(
  preferences: Preferences,
  product: { brand: string | undefined; category: string | undefined },
  isExact: boolean,
): number {
  const brand = product.brand === undefined ? 0 : (preferences.brands[product.brand] ?? 0);
  const category = product.category === undefined ? 0 : (preferences.categories[product.category] ?? 0);
  return maxPreferenceBonus * ((brand + category) / 2 + (isExact ? 1 : 0));
}

/** Scores of the most popular products, best first, for a search without words; preferences can move a product by a third of the list. */
export function browseScores(count: number, bonus: (at: number) => number): number[] {
  return Array.from({ length: count }, (_, at) => browseRange * (1 - at / count) + bonus(at));
}

const browseRange = 0.3;
