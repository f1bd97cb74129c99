import type { Allocation, ProductSnapshot, StockState } from "@shop/events";
import type { Postgres, Tx } from "@shop/service";
import type { AdjustmentError } from "./domain/adjust.ts";
import type { Adjustment } from "./domain/check-adjustment.ts";
import { stockChanged } from "./domain/events.ts";
import type { HoldRules, SkuLevel } from "./domain/hold-unpaid.ts";
import type { Shortages } from "./domain/model.ts";
import type { ReservationRequest } from "./domain/reserve.ts";
import type { warehouses } from "./tables.ts";

type Ignored = { outcome: "ignored"; reason: string };

type ReserveResult =
  | {
      outcome: "reserved";
      version: number;
      turn: number;
      mayBeHeld: boolean;
      allocations: Allocation[];
      stock: StockState[];
    }
  | { outcome: "failed"; version: number; turn: number; shortages: Shortages }
  | Ignored;
type SellResult = { outcome: "sold" } | { outcome: "parked"; reason: string } | Ignored;
type ReleaseResult =
  { outcome: "released"; version: number; wasSold: boolean; stock: StockState[] } | Ignored;
type YieldResult = { outcome: "yielded"; stock: StockState[] } | Ignored;

/** The result of each adjustment, in their order, and the stock that changed. */
export type AdjustResult = {
  results: ("adjusted" | "replayed" | "IDEMPOTENCY_KEY_REUSED" | AdjustmentError)[];
  stock: StockState[];
};

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

/** Opens the store; what changes stock for an order are the functions below, which take the transaction of the event. */
export function openStore(pg: Postgres) {
  const { sql } = pg;
  return {
    /** Books adjustments and publishes the stock that changed; with the levels of all SKUs of the input afterwards. */
    adjust: (caller: string, adjustments: readonly Adjustment[]) =>
      pg.transact(async (tx) => {
        const { results, stock } = await adjust(tx, caller, adjustments);
        tx.publish(...stockChanged(stock));
        const skus = [...new Set(adjustments.map(({ sku }) => sku))];
        return { results, levels: await findLevels(tx, "sku", skus) };
      }),

    /** Available units of each variant; 0 for unknown variants. */
    async availableUnits(variantIds: readonly string[]): Promise<number[]> {
      const rows = await sql<{ variantId: string; units: number }[]>`
        select variant_id as "variantId", (
          select sum(on_hand - reserved)::int from stock where stock.sku = items.sku) as units
        from items where variant_id = any (${variantIds as string[]})`;
      const units = new Map(rows.map((row) => [row.variantId, row.units]));
      return variantIds.map((id) => units.get(id) ?? 0);
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
        select sku, sum(on_hand - reserved)::int as free, sum(unpaid)::int as unpaid, sum(keepable)::int as keepable
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
          (select sum(on_hand - reserved)::int from stock where stock.sku = items.sku) as available
        from items where sku > ${after} order by sku limit ${limit + 1}`;
      return { stock: rows.slice(0, limit), isLast: rows.length <= limit };
    },
  };
}

/** Reserves all lines of each order or none: a batch. A repeated request gets the same answer, and changes no stock. */
export async function reserve(
  { sql }: Tx,
  requests: readonly (ReservationRequest & { rules: HoldRules })[],
): Promise<ReserveResult[]> {
  const rows = await sql<{ result: ReserveResult }[]>`
    select reserve_stock("orderId", destination, lines, turn, "isUnpaid", rules) as result
    from rows from (jsonb_to_recordset(${sql.json(requests)})
      as ("orderId" text, destination text, lines jsonb, turn int, "isUnpaid" boolean, rules jsonb))
      with ordinality as request ("orderId", destination, lines, turn, "isUnpaid", rules, position)
    order by position`;
  return rows.map(({ result }) => result);
}

/** Sells the reserved stock of each order: a batch. */
export async function sell({ sql }: Tx, orderIds: readonly string[]): Promise<SellResult[]> {
  const rows = await sql<{ result: SellResult }[]>`
    select sell_stock(id) as result
    from unnest(${orderIds as string[]}::text[]) with ordinality as sold (id, position) order by position`;
  return rows.map(({ result }) => result);
}

/** Gives back an order's reserved or sold stock; before its reservation, leaves a mark that keeps the reservation out. */
export async function release({ sql }: Tx, orderId: string): Promise<ReleaseResult> {
  return resultOf(await sql`select release_stock(${orderId}) as result`);
}

/** Gives back an order's reserved stock of this turn, while the order stays payable. */
export async function yieldStock({ sql }: Tx, orderId: string, turn: number): Promise<YieldResult> {
  return resultOf(await sql`select yield_stock(${orderId}, ${turn}) as result`);
}

/** Books units in or out; a refused adjustment stops no other. The ledger is the memory of idempotency keys. */
export async function adjust(
  { sql }: Tx,
  caller: string,
  adjustments: readonly Adjustment[],
): Promise<AdjustResult> {
  return resultOf(await sql`select adjust_stock(${caller}, ${sql.json(adjustments)}) as result`);
}

function resultOf<Result>([row]: readonly { result?: Result }[]): Result {
  if (row?.result === undefined) throw new Error("a function of the database returned no row");
  return row.result;
}

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

async function findLevels(
  { sql }: Pick<Postgres | Tx, "sql">,
  by: "variant_id" | "sku",
  values: readonly string[],
): Promise<Level[]> {
  return sql<Level[]>`
    select sku, variant_id as "variantId", on_hand as "onHand", reserved, on_hand - reserved as available,
      jsonb_build_object('id', id, 'code', code, 'name', name, 'country', country) as warehouse
    from items join stock using (sku) join warehouses on code = warehouse_code
    where ${sql(`items.${by}`)} = any (${values as string[]})
    order by rank`;
}
