import { ignored, type Ignored, type ShopEvent } from "@shop/events";
import { cancelled } from "./cancel-order.ts";
import { orderRecalled, refundReason } from "./events.ts";
import { isEnded, moneyAtLeast, type Order } from "./order.ts";
import type { Transition } from "./transition.ts";

/**
 * The payment was refunded in full at the provider. Before any parcel has left, the order is cancelled: a confirmed one
 * once shipping has called its parcels off, since only shipping knows whether they left. After that, only the payment's
 * figures change, as with a partial refund.
 */
export function refundedAtProvider(
  order: Order,
  { data }: ShopEvent<"PaymentRefundedAtProvider">,
): Transition | Ignored {
  if (!data.isFull) return ignored("ONLY_A_PART");
  if (order.status === "SHIPPED" || order.status === "DELIVERED") return ignored("ALREADY_SHIPPED");
  if (order.progress.money === "RETURNED") return ignored("NOTHING_NEW");
  const returned = moneyAtLeast(order, "RETURNED", data.paymentId);
  if (isEnded(returned)) return { next: returned, events: [], timeline: [] };
  const message = "Your money is on its way back.";
  const row = { type: "PAYMENT_REFUNDED", status: order.status, message } as const;
  if (order.status === "CONFIRMED") {
    return { next: returned, events: [orderRecalled(order)], timeline: [row] };
  }
  const { next, events, timeline } = cancelled(returned, "SYSTEM", refundReason);
  return { next, events, timeline: [row, ...timeline] };
}
