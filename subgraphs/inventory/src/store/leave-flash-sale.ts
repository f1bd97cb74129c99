import type { StockState } from "@shop/events";
import type { Tx } from "@shop/service";
import { resultOf } from "./sql-result.ts";

/** The ticket with what changed, or why the customer can't leave. */
export type Left =
  | { ticketId: string; saleId: string; changed: string[]; stock: StockState[]; refused?: undefined }
  | { refused: "UNKNOWN_TICKET"; ticketId?: undefined }
  | { refused: "IN_ORDER"; ticketId: string };

/** Gives up a place in the line, or a hold that is in no order. Decided in `migrations/repeatable/flash-tickets.sql`. */
export async function leaveFlashSale({ sql }: Tx, ticketId: string, customerId: string): Promise<Left> {
  return resultOf(await sql`select leave_flash_sale(${ticketId}, ${customerId}) as result`);
}
