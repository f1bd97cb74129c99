import type { Preferences, ProductKind, SearchEngine } from "../engine/engine.ts";
import type { ActivityStore } from "./activity-store.ts";

const maxLiked = 10;

/** A product that a customer viewed or bought. */
type LikedProduct = ProductKind & { weight: number };

/** The preferences by a customer's views and purchases; undefined without any. */
export function preferencesOf(
  store: Pick<ActivityStore, "historyOf">,
  engine: Pick<SearchEngine, "kindsOf">,
): (customerId: string) => Promise<Preferences | undefined> {
  return async (customerId) => {
    const history = await store.historyOf(customerId);
    if (history.length === 0) return undefined;
    const kinds = await engine.kindsOf([...new Set(history.map(({ productId }) => productId))]);
    return preferencesFrom(
      history.flatMap(({ productId, weight }) => {
        const kind = kinds.get(productId);
        return kind ? [{ ...kind, weight }] : [];
      }),
    );
  };
}

/** The preferences by these products: the most frequent brand and category get 1, others their share of it. */
function preferencesFrom(liked: readonly LikedProduct[]): Preferences | undefined {
  if (liked.length === 0) return undefined;
  const brands = new Map<string, number>();
  const categories = new Map<string, number>();
  for (const { brand, category, weight } of liked) {
    if (brand) brands.set(brand, (brands.get(brand) ?? 0) + weight);
    if (category) categories.set(category, (categories.get(category) ?? 0) + weight);
  }
  return { brands: shares(brands), categories: shares(categories) };
}

function shares(weights: ReadonlyMap<string, number>): Record<string, number> {
  const most = Math.max(...weights.values());
  return Object.fromEntries(
    [...weights]
      .sort(([, one], [, other]) => other - one)
      .slice(0, maxLiked)
      .map(([name, weight]) => [name, Math.round((10 * weight) / most) / 10]),
  );
}
