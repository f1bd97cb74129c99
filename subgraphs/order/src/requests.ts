import type { RequestInput, RequestReply } from "@shop/events";
import type { Deps } from "./deps.ts";
import { isEnded, replyToWin } from "./domain/index.ts";

/** The requests of other services that order answers. */
export function requestHandlers({ pg, store }: Pick<Deps, "pg" | "store">) {
  return {
    /** Decides whether the payment wins the order. Shares its transaction with the events that wait at the same time. */
    async "order.win"({
      orderId,
      cause,
      ...asked
    }: RequestInput<"order.win">): Promise<RequestReply<"order.win">> {
      const { decision } = await pg.transactGrouped("events", (tx) =>
        store.change(tx, orderId, { type: "WinOrder", id: cause, ...asked }),
      );
      return replyToWin(decision);
    },

    /** The order's total and whether it has ended, for a payment that payment has no row of. */
    async "order.standing"({
      orderId,
    }: RequestInput<"order.standing">): Promise<RequestReply<"order.standing">> {
      const order = await store.find(orderId);
      if (!order) return { outcome: "unknown" };
      return { outcome: "known", total: order.totals.total, isOver: isEnded(order) };
    },
  };
}
