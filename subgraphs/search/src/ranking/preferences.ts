import type { Preferences } from "../engine.ts";

/** The most that a taste may move a product, on the scale of the ranking, where the best answer to the words has about 1. */
const maxPreferenceBonus = 0.1;
const maxLiked = 10;

/** How many of a customer's last acts make the taste. */
export const historyLength = 50;

/** A product that a customer looked at or bought. */
export type LikedProduct = { brand: string | undefined; category: string | undefined; weight: number };

/** What the products have in common; the most liked brand and category count 1. */
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

/** What a taste adds to a product's score. What is exactly asked for gets the most besides, so that no taste buries it. */
export function preferenceBonus(
  preferences: Preferences,
  product: { brand: string | undefined; category: string | undefined },
  isExact: boolean,
): number {
  const brand = product.brand === undefined ? 0 : (preferences.brands[product.brand] ?? 0);
  const category = product.category === undefined ? 0 : (preferences.categories[product.category] ?? 0);
  return maxPreferenceBonus * ((brand + category) / 2 + (isExact ? 1 : 0));
}

/** Scores for the most popular products, best first, where no words decide: what a taste can move is a third of the list. */
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
