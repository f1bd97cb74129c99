import type { Allocation, EventData, OrderLinePart, ProductSnapshot, StockState } from "@shop/events";
import type { Postgres, Tx } from "@shop/service";
import type { Adjustment } from "./domain/check-adjustment.ts";
import type { Refusal } from "./domain/adjust.ts";
import type { HoldRules, Line, SkuLevel } from "./domain/hold-unpaid.ts";

/** What came of trying to reserve: see `migrations/005-hold-for-unpaid-orders.sql`. */
export type Reserving =
  | {
      outcome: "reserved";
      version: number;
      turn: number;
      mayBeHeld: boolean;
      allocations: Allocation[];
      stock: StockState[];
    }
  | {
      outcome: "failed";
      version: number;
      turn: number;
      shortages: EventData<"InventoryReservationFailed">["shortages"];
    }
  | { outcome: "ignored"; reason: string };
/** What came of selling what was reserved. */
export type Selling = { outcome: "sold" } | { outcome: "ignored" | "parked"; reason: string };
/** What came of giving back. */
export type Releasing =
  | { outcome: "released"; version: number; wasSold: boolean; stock: StockState[] }
  | { outcome: "ignored"; reason: string };
/** What came of each adjustment, in their order, and the stock that changed. */
export type Adjusting = {
  results: ("adjusted" | "replayed" | "IDEMPOTENCY_KEY_REUSED" | Refusal)[];
  stock: StockState[];
};

/** What came of giving back while the order stays payable. */
export type Yielding = { outcome: "yielded"; stock: StockState[] } | { outcome: "ignored"; reason: string };

/** A warehouse as it is shown. */
export type Warehouse = { id: string; code: string; name: string; country: string };
/** What one warehouse has of one variant. */
export type Level = {
  sku: string;
  variantId: string;
  warehouse: Warehouse;
  onHand: number;
  reserved: number;
  available: number;
};

/** An order's wish for stock; `rules` bound what may be held while nobody pays. */
export type Reservation = {
  orderId: string;
  destination: string;
  lines: readonly OrderLinePart[];
  turn: number;
  isUnpaid: boolean;
  rules: HoldRules;
};

/** All lines or none, in one statement for several orders; the same order again gives the same answer, with no stock changed. */
export async function reserve({ sql }: Tx, orders: readonly Reservation[]): Promise<Reserving[]> {
  const wishes = orders.map(({ lines, ...rest }) => {
    return { ...rest, lines: lines.map(({ lineId, sku, quantity }) => ({ lineId, sku, quantity })) };
  });
  const rows = await sql<{ did: Reserving }[]>`
    select reserve_stock("orderId", destination, lines, turn, "isUnpaid", rules) as did
    from rows from (jsonb_to_recordset(${sql.json(wishes)})
      as ("orderId" text, destination text, lines jsonb, turn int, "isUnpaid" boolean, rules jsonb))
      with ordinality as wish ("orderId", destination, lines, turn, "isUnpaid", rules, place)
    order by place`;
  return rows.map(({ did }) => did);
}

/** Turns what orders have reserved into sold. */
export async function sell({ sql }: Tx, orderIds: readonly string[]): Promise<Selling[]> {
  const rows = await sql<{ did: Selling }[]>`
    select sell_stock(id) as did from unnest(${orderIds as string[]}::text[]) with ordinality as sold (id, turn)
    order by turn`;
  return rows.map(({ did }) => did);
}

/** Gives back what an order has reserved or bought; before its reservation leaves a mark that keeps that from coming. */
export async function release(tx: Tx, orderId: string): Promise<Releasing> {
  const [row] = await tx.sql<{ did: Releasing }[]>`select release_stock(${orderId}) as did`;
  return only(row).did;
}

/** Gives back what an order has reserved under this turn, while it stays payable. */
export async function yieldStock(tx: Tx, orderId: string, turn: number): Promise<Yielding> {
  const [row] = await tx.sql<{ did: Yielding }[]>`select yield_stock(${orderId}, ${turn}) as did`;
  return only(row).did;
}

/** What is free of the lines' SKUs, and what is held for orders that nobody is paying. */
export async function levelsOfLines(
  pg: Postgres,
  lines: readonly Line[],
): Promise<(sku: string) => SkuLevel> {
  const skus = lines.map(({ sku }) => sku);
  const rows = await pg.sql<(SkuLevel & { sku: string })[]>`
    select sku, sum(on_hand - reserved)::int as free, sum(unpaid)::int as unpaid, sum(keepable)::int as keepable
    from stock where sku = any (${skus}) group by sku`;
  const levels = new Map<string, SkuLevel>(rows.map((row) => [row.sku, row]));
  return (sku) => levels.get(sku) ?? { free: 0, unpaid: 0, keepable: 0 };
}

/** Books units in or out; what is refused stops no other. The ledger remembers the keys. */
export async function adjust(tx: Tx, caller: string, adjustments: readonly Adjustment[]): Promise<Adjusting> {
  const [row] = await tx.sql<{ did: Adjusting }[]>`
    select adjust_stock(${caller}, ${tx.sql.json(adjustments)}) as did`;
  return only(row).did;
}

/** Learns what catalog sells; older news of a product is not taken. New SKUs begin with nothing in each warehouse. */
export async function learnItems(tx: Tx, products: readonly ProductSnapshot[]): Promise<void> {
  const items = products.flatMap(({ productId, version, variants }) =>
    variants.map(({ sku, variantId }) => ({ sku, variantId, productId, version })),
  );
  // In order of SKU, like everyone who locks items.
  await tx.sql`
    with news as (
      select distinct on (sku) sku, "variantId", "productId", version
      from jsonb_to_recordset(${tx.sql.json(items)})
        as x (sku text, "variantId" text, "productId" text, version int)
      order by sku, version desc
    ),
    learnt as (
      insert into items (sku, variant_id, product_id, product_version)
      select sku, "variantId", "productId", version from news order by sku
      on conflict (sku) do update set
        variant_id = excluded.variant_id, product_id = excluded.product_id,
        product_version = excluded.product_version
      where items.product_version < excluded.product_version
        or items.product_id <> excluded.product_id
      returning sku
    )
    insert into stock (sku, warehouse_code)
    select sku, code from learnt cross join warehouses
    where not exists (select from stock where stock.sku = learnt.sku)
    on conflict do nothing`;
}

/** Units that can be bought of each variant; what isn't known has none. */
export async function availableUnits(pg: Postgres, variantIds: readonly string[]): Promise<number[]> {
  const rows = await pg.sql<{ variantId: string; units: number }[]>`
    select variant_id as "variantId", (
      select sum(on_hand - reserved)::int from stock where stock.sku = items.sku) as units
    from items where variant_id = any (${variantIds as string[]})`;
  const units = new Map(rows.map((row) => [row.variantId, row.units]));
  return variantIds.map((id) => units.get(id) ?? 0);
}

/** Stock by warehouse of these variants or SKUs. */
export async function levelsOf(
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

/** All warehouses. */
export async function warehouses(pg: Postgres): Promise<Warehouse[]> {
  return pg.sql<Warehouse[]>`select id, code, name, country from warehouses order by rank`;
}

/** A page of what can be bought of each SKU, in order of SKU. */
export async function stockPage(
  pg: Postgres,
  { after = "", limit }: { after?: string | undefined; limit: number },
): Promise<{ stock: StockState[]; isLast: boolean }> {
  const rows = await pg.sql<StockState[]>`
    select sku, variant_id as "variantId", product_id as "productId", version,
      (select sum(on_hand - reserved)::int from stock where stock.sku = items.sku) as available
    from items where sku > ${after} order by sku limit ${limit + 1}`;
  return { stock: rows.slice(0, limit), isLast: rows.length <= limit };
}

function only<Row>(row: Row | undefined): Row {
  if (!row) throw new Error("a function of the database gave no row");
  return row;
}
