import type { ProductSnapshot } from "@shop/events";
import type { Tx } from "@shop/service";

/** Writes the newest version of catalog's variants. New SKUs begin with no units in each warehouse. */
export async function upsertItems({ sql }: Tx, products: readonly ProductSnapshot[]): Promise<void> {
  const items = products.flatMap(({ productId, version, variants }) =>
    variants.map(({ sku, variantId }) => ({ sku, variantId, productId, version })),
  );
  // In order of SKU, like all transactions that lock items.
  await sql`
    with newest as (
      select distinct on (sku) sku, "variantId", "productId", version
      from jsonb_to_recordset(${sql.json(items)})
        as x (sku text, "variantId" text, "productId" text, version int)
      order by sku, version desc
    ),
    written as (
      insert into items (sku, variant_id, product_id, product_version)
      select sku, "variantId", "productId", version from newest order by sku
      on conflict (sku) do update set
        variant_id = excluded.variant_id, product_id = excluded.product_id,
        product_version = excluded.product_version
      where items.product_version < excluded.product_version
        or items.product_id <> excluded.product_id
      returning sku
    )
    insert into stock (sku, warehouse_code)
    select sku, code from written cross join warehouses
    where not exists (select from stock where stock.sku = written.sku)
    on conflict do nothing`;
}
