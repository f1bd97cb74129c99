import type { Allocation, EventData, StockState } from "@shop/events";
import type { Tx } from "@shop/service";
import type { ReservationRequest } from "../domain/reservation-request.ts";
import type { HoldRules } from "../domain/unpaid-unit-limits.ts";
import type { Ignored } from "./sql-result.ts";

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
type Shortages = EventData<"InventoryReservationFailed">["shortages"];

/**
 * Reserves all lines of each order or none: a batch. A repeated request gets the same answer, and changes no stock. From which
 * warehouses, and what may be held unpaid, is decided in `migrations/repeatable/reserve-stock.sql`.
 */
export async function reserveStock(
  { sql }: Tx,
  requests: readonly (ReservationRequest & { rules: HoldRules })[],
): Promise<ReserveResult[]> {
  const tickets = requests.flatMap(({ flash }) => flash?.ticketId ?? []);
  const rows = await sql<{ result: ReserveResult }[]>`
    with locked as materialized (
      select case when ${tickets.length > 0} then lock_flash_sales_of(${tickets}::text[], '{}') end)
    select reserve_stock("orderId", destination, lines, turn, "isUnpaid", rules, flash) as result
    from locked cross join rows from (jsonb_to_recordset(${sql.json(requests)})
      as ("orderId" text, destination text, lines jsonb, turn int, "isUnpaid" boolean, rules jsonb, flash jsonb))
      with ordinality as request ("orderId", destination, lines, turn, "isUnpaid", rules, flash, position)
    order by position`;
  return rows.map(({ result }) => result);
}
