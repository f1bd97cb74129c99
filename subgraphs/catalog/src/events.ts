import type { ShopEvent } from "@shop/events";
import type { Tx } from "@shop/service";
import type { Deps } from "./deps.ts";

/** The projection of stock, behind `Product.inStock`; a product is evicted when it sold out or came back. */
export function projection({ evict }: Pick<Deps, "evict">) {
  return {
    types: ["StockChanged"] as const,
    batch: async (tx: Tx, events: readonly ShopEvent<"StockChanged">[]) =>
      evict(await projectStock(tx, events)),
  };
}

/** Writes the newest stock of each SKU; returns the products of which a SKU sold out or came back. */
async function projectStock(tx: Tx, events: readonly ShopEvent<"StockChanged">[]): Promise<string[]> {
  const states = events.map(({ data }) => data);
  const flipped = await tx.sql<{ id: string }[]>`
    with newest as (
      select distinct on (sku) sku, "productId" as product_id, available, version
      from jsonb_to_recordset(${tx.sql.json(states)}) as r (sku text, "productId" text, available int, version bigint)
      order by sku, version desc
    ), old as (
      select sku, available from stock where sku in (select sku from newest)
    ), written as (
      insert into stock (sku, product_id, available, version)
      select sku, product_id, available, version from newest
      on conflict (sku) do update
        set product_id = excluded.product_id, available = excluded.available, version = excluded.version
        where stock.version < excluded.version
      returning sku, product_id, available
    )
    select distinct product_id as id from written left join old using (sku)
    where (coalesce(old.available, 0) > 0) <> (written.available > 0)`;
  return flipped.map(({ id }) => id);
}
