import type { ProductSnapshot } from "@shop/events";
import type { Tx } from "@shop/service";

/**
 * Writes the newest version of catalog's variants, and whether each is for sale: not those of an archived product, nor those
 * that their product has no more. New SKUs begin with no units in each warehouse.
 */
export async function upsertItems({ sql }: Tx, told: readonly ProductSnapshot[]): Promise<void> {
  const products = newestOf(told);
  const items = products.flatMap(({ productId, version, status, variants }) =>
    variants.map(({ sku, variantId, skuTurn: turn = 1 }) => {
      return { sku, variantId, productId, version, turn, isForSale: status === "PUBLISHED" };
    }),
  );
  const versions = products.map(({ productId, version, variants }) => {
    return { productId, version, skus: variants.map(({ sku }) => sku) };
  });
  // In order of SKU, like all transactions that lock items.
  await sql`
    with told as (
      select sku, "variantId", "productId", version, turn, "isForSale"
      from jsonb_to_recordset(${sql.json(items)})
        as x (sku text, "variantId" text, "productId" text, version int, turn int, "isForSale" boolean)
      union all
      select items.sku, items.variant_id, items.product_id, x.version, items.sku_turn, false
      from jsonb_to_recordset(${sql.json(versions)}) as x ("productId" text, version int, skus jsonb)
      join items on items.product_id = x."productId" and not x.skus ? items.sku
    ),
    newest as (
      select distinct on (sku) * from told order by sku, turn desc, "isForSale" desc, version desc
    ),
    written as (
      insert into items (sku, variant_id, product_id, product_version, sku_turn, is_for_sale)
      select sku, "variantId", "productId", version, turn, "isForSale" from newest order by sku
      on conflict (sku) do update set
        variant_id = excluded.variant_id, product_id = excluded.product_id,
        product_version = excluded.product_version, sku_turn = excluded.sku_turn,
        is_for_sale = excluded.is_for_sale
      where items.sku_turn < excluded.sku_turn
        or items.sku_turn = excluded.sku_turn
          and (items.product_version < excluded.product_version or items.product_id <> excluded.product_id)
      returning sku
    )
    insert into stock (sku, warehouse_code)
    select sku, code from written cross join warehouses
    where not exists (select from stock where stock.sku = written.sku)
    on conflict do nothing`;
}

function newestOf(products: readonly ProductSnapshot[]): ProductSnapshot[] {
  const inOrder = products.toSorted((one, other) => one.version - other.version);
  return [...new Map(inOrder.map((product) => [product.productId, product])).values()];
}
