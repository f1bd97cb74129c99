import type { RequestInput, RequestReply } from "@shop/events";
import type { Deps } from "./deps.ts";
import { isEnded } from "./domain/index.ts";

/** The requests of other services that order answers. */
export function requestHandlers({ store }: Pick<Deps, "store">) {
  return {
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
