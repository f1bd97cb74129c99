import type { StockState } from "@shop/events";
import type { Tx } from "@shop/service";
import type { SalePlan } from "../domain/sale-plan.ts";
import { resultOf } from "./sql-result.ts";

/** The sale and the stock that changed; or why it is not as was asked. */
export type Planned =
  | { saleId: string; stock: StockState[]; refused?: undefined }
  | { refused: "UNKNOWN_SKU" | "UNKNOWN_SALE" | "ENDS_IN_THE_PAST" | "HAS_BEGUN" | "BAD_TIMES" }
  | { refused: "OVERLAPS"; saleId: string }
  | { refused: "OUT_OF_STOCK"; available: number };

/** Plans a sale: its units leave the ordinary stock. Decided in `migrations/repeatable/flash-plan.sql`, as are all here. */
export async function createFlashSale(
  { sql }: Tx,
  plan: SalePlan & { id: string; createdBy: string },
): Promise<Planned> {
  return resultOf(await sql`select create_flash_sale(${sql.json(plan as never)}) as result`);
}

/** Changes a sale that has not begun; of one that has, `outsideSale` alone. */
export async function changeFlashSale({ sql }: Tx, id: string, plan: Partial<SalePlan>): Promise<Planned> {
  return resultOf(await sql`select change_flash_sale(${id}, ${sql.json(plan as never)}) as result`);
}

/** Ends a sale now. */
export async function endFlashSale({ sql }: Tx, id: string): Promise<Planned> {
  return resultOf(await sql`select end_flash_sale(${id}) as result`);
}
