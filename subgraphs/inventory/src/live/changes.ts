import type { StockState } from "@shop/events";
import type { Tx } from "@shop/service";
import type { FlashChange } from "../store/flash-sales.ts";
import type { FlashLive } from "./flash-live.ts";
import type { StockLive } from "./stock-live.ts";

/** What a transaction changes of stock and of a sale. */
export type Change = { stock?: readonly StockState[]; flash?: FlashChange | null | undefined };

/** Passes on what transactions change, once they have committed. */
export function openChanges({ flash, stock }: { flash: FlashLive; stock: StockLive }) {
  return {
    note(tx: Pick<Tx, "afterCommit">, change: Change): void {
      if (!change.flash && !change.stock?.length) return;
      tx.afterCommit(() => {
        if (change.stock) stock.note(change.stock);
        if (change.flash) flash.note(change.flash);
      });
    },
  };
}
