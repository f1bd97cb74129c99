import type { Tx } from "@shop/service";
import type { FlashChange } from "./flash-sales.ts";
import type { Ignored } from "./sql-result.ts";

type SellResult =
  { outcome: "sold"; flash?: FlashChange | null } | { outcome: "parked"; reason: string } | Ignored;

/** Sells the reserved stock of each order: a batch. Decided in `migrations/repeatable/sell-stock.sql`. */
export async function sellStock({ sql }: Tx, orderIds: readonly string[]): Promise<SellResult[]> {
  const rows = await sql<{ result: SellResult }[]>`
    with locked as materialized (select lock_flash_sales_of('{}', ${orderIds as string[]}::text[]))
    select sell_stock(id) as result
    from locked cross join unnest(${orderIds as string[]}::text[]) with ordinality as sold (id, position) order by position`;
  return rows.map(({ result }) => result);
}
