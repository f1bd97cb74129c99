import type { StockState } from "@shop/events";
import type { Postgres, Tx } from "@shop/service";
import type { Adjustment } from "../domain/check-adjustment.ts";
import { stockChanged } from "../domain/events.ts";
import type { SkuLevel } from "../domain/unpaid-unit-limits.ts";
import type { warehouses } from "../tables.ts";
import { adjustStock } from "./adjust-stock.ts";

/** A warehouse as the graph shows it. */
export type Warehouse = Omit<typeof warehouses.$inferSelect, "rank">;

/** One variant's stock in one warehouse. */
export type Level = {
  sku: string;
  variantId: string;
  warehouse: Warehouse;
  onHand: number;
  reserved: number;
  available: number;
};

/** What passes on committed stock. */
type Noted = { note(tx: Tx, change: { stock: readonly StockState[] }): void };

/** Opens the store. What changes stock for an order takes the transaction of its event, and has a file of its own beside. */
export function openStore(pg: Postgres) {
  const { sql } = pg;
  return {
    /** Books adjustments and publishes the stock that changed; with the levels of all SKUs of the input afterwards. */
    adjust: (caller: string, adjustments: readonly Adjustment[], changes: Noted) =>
      pg.transact(async (tx) => {
        const { results, stock } = await adjustStock(tx, caller, adjustments);
        tx.publish(...stockChanged(stock));
        changes.note(tx, { stock });
        const skus = [...new Set(adjustments.map(({ sku }) => sku))];
        return { results, levels: await findLevels(tx, "sku", skus) };
      }),

    /** Units of each variant that can be bought: none of those that aren't for sale, or are unknown. */
    async availableUnits(variantIds: readonly string[]): Promise<number[]> {
      const rows = await sql<{ variantId: string; units: number }[]>`
        select variant_id as "variantId", (
          select sum(on_hand - reserved - flash)::int from stock where stock.sku = items.sku) as units
        from items where variant_id = any (${variantIds as string[]}) and is_for_sale`;
      const units = new Map(rows.map((row) => [row.variantId, row.units]));
      return variantIds.map((id) => units.get(id) ?? 0);
    },

    /** What can be bought of these SKUs. */
    async stockOf(
      skus: readonly string[],
    ): Promise<{ sku: string; variantId: string; units: number; version: number }[]> {
      return sql`
        select sku, variant_id as "variantId", version, case when is_for_sale then (
          select sum(on_hand - reserved - flash)::int from stock where stock.sku = items.sku) else 0 end as units
        from items where sku = any (${skus as string[]})`;
    },

    /** The stock by warehouse of each variant. */
    async levels(variantIds: readonly string[]): Promise<Level[][]> {
      const levels = await findLevels(pg, "variant_id", variantIds);
      const byVariant = Map.groupBy(levels, (level) => level.variantId);
      return variantIds.map((id) => byVariant.get(id) ?? []);
    },

    /** Free and held units by SKU. */
    async skuLevels(skus: readonly string[]): Promise<(sku: string) => SkuLevel> {
      const rows = await sql<(SkuLevel & { sku: string })[]>`
        select sku, sum(on_hand - reserved - flash)::int as free, sum(unpaid)::int as unpaid, sum(keepable)::int as keepable
        from stock where sku = any (${skus as string[]}) group by sku`;
      const levels = new Map<string, SkuLevel>(rows.map((row) => [row.sku, row]));
      return (sku) => levels.get(sku) ?? { free: 0, unpaid: 0, keepable: 0 };
    },

    warehouses: async (): Promise<Warehouse[]> =>
      sql<Warehouse[]>`select id, code, name, country from warehouses order by rank`,

    /** A page of the available units of all SKUs, in order of SKU. */
    async stockPage({ after = "", limit }: { after?: string | undefined; limit: number }) {
      const rows = await sql<StockState[]>`
        select sku, variant_id as "variantId", product_id as "productId", version,
          (select sum(on_hand - reserved - flash)::int from stock where stock.sku = items.sku) as available
        from items where sku > ${after} order by sku limit ${limit + 1}`;
      return { stock: rows.slice(0, limit), isLast: rows.length <= limit };
    },
  };
}

async function findLevels(
  { sql }: Pick<Postgres | Tx, "sql">,
  by: "variant_id" | "sku",
  values: readonly string[],
): Promise<Level[]> {
  return sql<Level[]>`
    select sku, variant_id as "variantId", on_hand as "onHand", reserved, on_hand - reserved - flash as available,
      jsonb_build_object('id', id, 'code', code, 'name', name, 'country', country) as warehouse
    from items join stock using (sku) join warehouses on code = warehouse_code
    where ${sql(`items.${by}`)} = any (${values as string[]})
    order by rank`;
}
