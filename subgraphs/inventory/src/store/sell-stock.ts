import type { Tx } from "@shop/service";
import type { FlashChange } from "./flash-sales.ts";
import type { Ignored } from "./sql-result.ts";

type SellResult =
  { outcome: "sold"; flash?: FlashChange | null } | { outcome: "parked"; reason: string } | Ignored;

/** Sells the reserved stock of each order: a batch. Decided in `migrations/repeatable/sell-stock.sql`. */
export async function sellStock({ sql }: Tx, orderIds: readonly string[]): Promise<SellResult[]> {
  const rows = await sql<{ result: SellResult }[]>`
    select sell_stock(id) as result
    from unnest(${orderIds as string[]}::text[]) with ordinality as sold (id, position) order by position`;
  return rows.map(({ result }) => result);
}
