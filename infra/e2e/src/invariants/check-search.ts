import type { ShopStatus } from "@shop/stack";
import { shopper, type Shopper } from "../shopper.ts";
import { stockOf, variantsOf } from "./check-projections.ts";
import type { Databases, Violations } from "./read-shop.ts";

/** The key that each product is sorted by. */
type Found = Map<string, number>;

/**
 * I16 of the search index, on either engine, through the public API: its products are those on sale, and the price and
 * stock that it sorts and filters by are the owners'. The price that it has stands in a result's cursor.
 */
export async function checkSearch(databases: Databases, status: ShopStatus): Promise<Violations> {
  const guest = shopper(status.url);
  try {
    const [all, inStock] = await Promise.all([findAll(guest, {}), findAll(guest, { inStock: true })]);
    return await indexAgrees(databases, all, inStock);
  } catch (error) {
    return [`I16: search can't be asked: ${error instanceof Error ? error.message : String(error)}`];
  } finally {
    await guest.close();
  }
}

async function indexAgrees(databases: Databases, all: Found, inStock: Found): Promise<Violations> {
  const [variants, stock] = await Promise.all([variantsOf(databases), stockOf(databases)]);
  const available = new Map(stock.map((one) => [one.sku, one.available]));
  const onSale = Map.groupBy(
    variants.filter(({ isForSale }) => isForSale),
    ({ productId }) => productId,
  );
  const strays = [...all.keys()].filter((id) => !onSale.has(id));
  return [
    ...strays.map((id) => `I16: search finds ${id}, which is not on sale`),
    ...[...onSale].flatMap(([id, parts]) => {
      const key = all.get(id);
      if (key === undefined) return [`I16: search doesn't find ${id}`];
      const currency = parts[0]?.prices[0]?.currency;
      const amounts = parts.flatMap(({ prices }) => prices.filter((price) => price.currency === currency));
      const price = Math.min(...amounts.map(({ amount }) => amount));
      const canBeBought = parts.some(({ sku }) => (available.get(sku) ?? 0) > 0);
      return [
        ...(Math.abs(key) === price
          ? []
          : [`I16: search sorts ${id} by another price than ${price} ${currency}: ${key}`]),
        ...(inStock.has(id) === canBeBought
          ? []
          : [`I16: search has ${id} ${canBeBought ? "out of" : "in"} stock, and inventory hasn't`]),
      ];
    }),
  ];
}

/** Every product of the index, cheapest first, with what it is sorted by. */
async function findAll(guest: Shopper, filters: object): Promise<Found> {
  const found: Found = new Map();
  for (let after: string | null = null; ;) {
    const { search } = await guest.get(
      `query ($after: String, $filters: SearchFilters) {
        search(first: 100, after: $after, filters: $filters, sort: PRICE_ASC) {
          edges { cursor node { id } } pageInfo { hasNextPage endCursor }
        }
      }`,
      { after, filters },
    );
    for (const { cursor } of search.edges as { cursor: string }[]) {
      // The sort, then the place: tier, key of the sort, version, and the product's id.
      const [, , key, , id] = JSON.parse(Buffer.from(cursor, "base64url").toString()) as (string | number)[];
      found.set(String(id), Number(key));
    }
    if (!search.pageInfo.hasNextPage) return found;
    after = search.pageInfo.endCursor as string;
  }
}
