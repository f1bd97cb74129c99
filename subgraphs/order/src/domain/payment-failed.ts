import { ignored, type Ignored, type ShopEvent } from "@shop/events";
import { isEnded, type Order, withProgress } from "./order.ts";
import type { Transition } from "./transition.ts";

/** Declined; another attempt may follow until the order expires. */
export function paymentFailed(order: Order, { data }: ShopEvent<"PaymentFailed">): Transition {
  const message = `The payment was declined: ${data.reason}`;
  const isOpen = order.status === "CREATED" || order.status === "AWAITING_PAYMENT";
  const isLatest = data.attempt >= order.progress.attempt;
  const next =
    isOpen && isLatest ? withProgress({ ...order, statusReason: message }, { paymentToken: null }) : order;
  return { next, events: [], timeline: [{ type: "PAYMENT_FAILED", status: order.status, message }] };
}

/** Payment repeats a failure to an order that has ended, since that may have won by this attempt and wait for the money. */
export function failureRepeated(order: Order, { data }: ShopEvent<"PaymentFailed">): Ignored | undefined {
  const alike = order.progress.processedKeys.filter((key) =>
    key.startsWith(`PaymentFailed:${data.attempt}:`),
  );
  return isEnded(order) && alike.length > 1 ? ignored("ALREADY_SHOWN") : undefined;
}
