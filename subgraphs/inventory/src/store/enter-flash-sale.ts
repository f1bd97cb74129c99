import type { Tx } from "@shop/service";
import { resultOf } from "./sql-result.ts";

/** One entry of a batch: `ticketId` is that of a new ticket. */
export type Entry = { customerId: string; ticketId: string; key: string; hash: string };

/** The ticket of an entry, or why there is none. */
export type EntryAnswer =
  | { ticketId: string; refused?: undefined }
  | {
      refused: "KEY_REUSED" | "NOT_RUNNING" | "LIMIT" | "TOO_MANY_TICKETS" | "SOLD_OUT";
      ticketId?: undefined;
    };

type Entered = { sale: null } | { sale: object; answers: EntryAnswer[]; isChanged: boolean };

/** Decides entries of different customers in their order. Decided in `migrations/repeatable/flash-enter.sql`. */
export async function enterFlashSale(
  { sql }: Tx,
  saleId: string,
  entries: readonly Entry[],
): Promise<{ answers: EntryAnswer[]; isChanged: boolean } | undefined> {
  const column = (of: (entry: Entry) => string) => entries.map(of);
  const entered = resultOf<Entered>(
    await sql`select enter_flash_sale(${saleId}, ${column((it) => it.customerId)}::text[],
      ${column((it) => it.ticketId)}::text[], ${column((it) => it.key)}::text[], ${column((it) => it.hash)}::text[]) as result`,
  );
  return entered.sale === null ? undefined : entered;
}
