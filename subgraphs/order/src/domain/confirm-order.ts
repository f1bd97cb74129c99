import { ignored, type Ignored, type ShopEvent } from "@shop/events";
import { advance } from "./advance.ts";
import { cancelled } from "./cancel-order.ts";
import { isEnded, moneyAtLeast, type Order } from "./order.ts";
import { type At, say, type Saying, type Step } from "./transition.ts";

/** The money is the shop's: only now stock is sold, the cart let go, and shipping begins. */
export function paymentCaptured(order: Order, { data }: ShopEvent<"PaymentCaptured">, at: At): Step {
  const { order: to, says } = advance(moneyAtLeast(order, "CAPTURED", data.paymentId), at);
  // Captured too late, its refund is what the timeline tells.
  return { to, says, shows: confirmedRow(to, says) };
}

/** The row of the confirmation, if the step says OrderConfirmed: whichever of capture and stock comes last confirms. */
export function confirmedRow({ status }: Order, says: Saying[]): Step["shows"] {
  if (!says.some(({ type }) => type === "OrderConfirmed")) return [];
  const message = "Your payment is complete and your order is confirmed.";
  return [{ type: "ORDER_CONFIRMED", status, message }];
}

/** The undo: the capture was refused for good, so nothing is sold or sent. */
export function captureFailed(order: Order, { data }: ShopEvent<"PaymentCaptureFailed">): Step | Ignored {
  const noted = moneyAtLeast(order, "RETURNED", data.paymentId);
  if (isEnded(order)) return { to: noted, says: [], shows: [] };
  if (order.status !== "PAID" && order.status !== "AWAITING_PAYMENT" && order.status !== "CREATED") {
    return ignored("ALREADY_CONFIRMED");
  }
  const message = "The payment could not be completed.";
  const undone = cancelled(noted, "SYSTEM", message);
  return {
    to: undone.to,
    says: [say("OrderConfirmationFailed", { orderId: order.id, reason: data.reason }), ...undone.says],
    shows: [{ type: "ORDER_CONFIRMATION_FAILED", status: order.status, message }, ...undone.shows],
  };
}
