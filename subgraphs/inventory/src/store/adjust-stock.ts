import type { StockState } from "@shop/events";
import type { Tx } from "@shop/service";
import type { Adjustment, AdjustmentError } from "../domain/check-adjustment.ts";
import { resultOf } from "./sql-result.ts";

/** The result of each adjustment, in their order, and the stock that changed. */
export type AdjustResult = {
  results: ("adjusted" | "replayed" | "IDEMPOTENCY_KEY_REUSED" | AdjustmentError)[];
  stock: StockState[];
};

/**
 * Books units in or out; a refused adjustment stops no other. The ledger is the memory of idempotency keys. Decided in
 * `migrations/repeatable/adjust-stock.sql`.
 */
export async function adjustStock(
  { sql }: Tx,
  caller: string,
  adjustments: readonly Adjustment[],
): Promise<AdjustResult> {
  return resultOf(await sql`select adjust_stock(${caller}, ${sql.json(adjustments)}) as result`);
}
