import type { StockState } from "@shop/events";
import type { Tx } from "@shop/service";
import type { FlashChange } from "./flash-sales.ts";
import { resultOf, type Ignored } from "./sql-result.ts";

type ReleaseResult =
  | {
      outcome: "released";
      version: number;
      wasSold: boolean;
      stock: StockState[];
      flash?: FlashChange | null;
    }
  | Ignored;
type YieldResult = { outcome: "yielded"; stock: StockState[] } | Ignored;

/**
 * Gives back an order's reserved or sold stock, and ends its flash-sale ticket so; before its reservation, leaves a mark that keeps the reservation out. Decided in
 * `migrations/repeatable/release-stock.sql`.
 */
export async function releaseStock(
  { sql }: Tx,
  orderId: string,
  ticketEnd: "EXPIRED" | "LEFT",
): Promise<ReleaseResult> {
  return resultOf(await sql`select release_stock(${orderId}, ${ticketEnd}) as result`);
}

/** Gives back an order's reserved stock of this turn, while the order stays payable. Decided in the same file. */
export async function yieldStock({ sql }: Tx, orderId: string, turn: number): Promise<YieldResult> {
  return resultOf(await sql`select yield_stock(${orderId}, ${turn}) as result`);
}
