import type { Database, Databases, Violations } from "./read-shop.ts";

type Price = { amount: number; currency: string };
type Sold = {
  sku: string;
  productId: string;
  variantId: string;
  version: number;
  isForSale: boolean;
  prices: Price[];
  grams: number;
};
type Stock = { sku: string; available: number; version: number };

/** I16: what cart, catalog and inventory keep of one another's data is what its owner has. */
export async function checkProjections(databases: Databases): Promise<Violations> {
  const [variants, stock] = await Promise.all([variantsOf(databases), stockOf(databases)]);
  return [
    ...(await cartAgrees(databases.cart, variants, stock)),
    ...(await itemsAgree(databases.inventory, variants)),
    ...stockAgrees("catalog", stock, await stockIn(databases.catalog, "stock", "version")),
    ...stockAgrees("cart", stock, await stockIn(databases.cart, "variants", "stock_version")),
  ];
}

/** Catalog's variants that shoppers may know of. */
export async function variantsOf({ catalog }: Databases): Promise<Sold[]> {
  return await catalog<Sold[]>`
    select variant ->> 'sku' as sku, id as "productId", variant ->> 'id' as "variantId", version,
      status = 'PUBLISHED' and not (variant ->> 'isRetired')::boolean as "isForSale",
      (select jsonb_agg(jsonb_build_object('amount', (price ->> 'amount')::bigint, 'currency', price ->> 'currency') order by turn)
        from jsonb_array_elements(variant -> 'prices') with ordinality as p (price, turn)) as prices,
      (variant ->> 'weightGrams')::int as grams
    from products, jsonb_array_elements(variants) as variant where status in ('PUBLISHED', 'ARCHIVED')`;
}

/** What can be bought, by inventory's own books. */
export async function stockOf({ inventory }: Databases): Promise<Stock[]> {
  return await inventory<Stock[]>`
    select sku, coalesce(sum(on_hand - reserved - flash), 0)::int as available, version
    from items left join stock using (sku) group by sku, version`;
}

async function cartAgrees(cart: Database, variants: Sold[], stock: Stock[]): Promise<Violations> {
  const rows = await cart<(Sold & { product: number | null; hasTitle: boolean })[]>`
    select sku, v.product_id as "productId", variant_id as "variantId", is_for_sale as "isForSale", prices,
      weight_grams as grams, p.version as product, title is not null as "hasTitle"
    from variants v left join products p using (product_id)`;
  const known = new Map(rows.map((row) => [row.sku, row]));
  const owned = new Map(variants.map((one) => [one.sku, one]));
  const stocked = new Set(stock.map(({ sku }) => sku));
  return [
    ...variants.flatMap((owner) => {
      const copy = known.get(owner.sku);
      if (!owner.isForSale && !copy?.isForSale) return [];
      if (!copy?.hasTitle) return [`I16: cart doesn't know ${owner.sku}`];
      return differences(`cart's copy of ${owner.sku}`, [
        ["on sale", copy.isForSale, owner.isForSale],
        ["product", copy.productId, owner.productId],
        ["variant", copy.variantId, owner.variantId],
        ["product version", copy.product, owner.version],
        ["prices", inWords(copy.prices), inWords(owner.prices)],
        ["grams", copy.grams, owner.grams],
      ]);
    }),
    ...rows
      .filter(
        ({ sku, isForSale }) => (isForSale && !owned.has(sku)) || (!owned.has(sku) && !stocked.has(sku)),
      )
      .map(({ sku }) => `I16: cart has ${sku}, which neither catalog nor inventory has`),
  ];
}

async function itemsAgree(inventory: Database, variants: Sold[]): Promise<Violations> {
  const rows = await inventory<{ sku: string; productId: string; variantId: string; version: number }[]>`
    select sku, product_id as "productId", variant_id as "variantId", product_version as version from items`;
  const known = new Map(rows.map((row) => [row.sku, row]));
  return variants
    .filter(({ isForSale }) => isForSale)
    .flatMap((owner) => {
      const copy = known.get(owner.sku);
      if (!copy) return [`I16: inventory doesn't know ${owner.sku}`];
      return differences(`inventory's copy of ${owner.sku}`, [
        ["product", copy.productId, owner.productId],
        ["variant", copy.variantId, owner.variantId],
        ["product version", copy.version, owner.version],
      ]);
    });
}

async function stockIn(sql: Database, table: string, version: string): Promise<Stock[]> {
  return await sql<Stock[]>`select sku, available, ${sql(version)} as version from ${sql(table)}`;
}

/** A SKU whose stock has never changed had no StockChanged: none is in stock. */
function stockAgrees(by: string, stock: Stock[], copies: Stock[]): Violations {
  const known = new Map(copies.map((copy) => [copy.sku, copy]));
  return stock.flatMap(({ sku, available, version }) => {
    const copy = known.get(sku);
    return differences(`${by}'s copy of ${sku}'s stock`, [
      ["available", copy?.available ?? 0, available],
      ["version", copy?.version ?? 0, version],
    ]);
  });
}

function differences(what: string, facts: [name: string, copy: unknown, owner: unknown][]): Violations {
  return facts
    .filter(([, copy, owner]) => copy !== owner)
    .map(([name, copy, owner]) => `I16: ${what} has ${name} ${String(copy)}, its owner ${String(owner)}`);
}

function inWords(prices: Price[]): string {
  return prices.map(({ amount, currency }) => `${amount} ${currency}`).join(", ");
}
