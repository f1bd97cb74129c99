import type { Preferences } from "../engine/engine.ts";

/** The maximum that preferences add to a score; the best match of the words has a score of about 1. */
const maxPreferenceBonus = 0.1;
const maxLiked = 10;

/** How many of a customer's last views and purchases make the preferences. */
export const historyLength = 50;

/** A product that a customer viewed or bought. */
export type LikedProduct = { brand: string | undefined; category: string | undefined; weight: number };

/** The preferences by these products: the most frequent brand and category get 1, others their share of it. */
export function preferencesFrom(liked: readonly LikedProduct[]): Preferences | undefined {
  if (liked.length === 0) return undefined;
  const brands = new Map<string, number>();
  const categories = new Map<string, number>();
  for (const { brand, category, weight } of liked) {
    if (brand) brands.set(brand, (brands.get(brand) ?? 0) + weight);
    if (category) categories.set(category, (categories.get(category) ?? 0) + weight);
  }
  return { brands: shares(brands), categories: shares(categories) };
}

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

function shares(weights: ReadonlyMap<string, number>): Record<string, number> {
  const most = Math.max(...weights.values());
  return Object.fromEntries(
    [...weights]
      .sort(([, one], [, other]) => other - one)
      .slice(0, maxLiked)
      .map(([name, weight]) => [name, Math.round((10 * weight) / most) / 10]),
  );
}
