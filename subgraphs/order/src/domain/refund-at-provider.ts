import { ignored, type Ignored, type ShopEvent } from "@shop/events";
import { cancelled } from "./cancel-order.ts";
import { isEnded, isHeld, moneyAtLeast, note, type DisputeStatus, type Order } from "./order.ts";
import { say, type Saying, type Step } from "./transition.ts";

const refundReason = "The payment was refunded.";

/**
 * Somebody has paid all of it back at the provider. Before anything has left, the order is cancelled: a confirmed one once shipping
 * has stopped its parcels, since only it knows. After that, only the payment's figures change, as with a part.
 */
export function refundedAtProvider(
  order: Order,
  { data }: ShopEvent<"PaymentRefundedAtProvider">,
): Step | Ignored {
  if (!data.isFull) return ignored("ONLY_A_PART");
  if (order.status === "SHIPPED" || order.status === "DELIVERED") return ignored("ALREADY_SHIPPED");
  if (order.progress.money === "RETURNED") return ignored("NOTHING_NEW");
  const noted = moneyAtLeast(order, "RETURNED", data.paymentId);
  if (isEnded(noted)) return { to: noted, says: [], shows: [] };
  const row = {
    type: "PAYMENT_REFUNDED",
    status: order.status,
    message: "Your money is on its way back.",
  } as const;
  if (order.status === "CONFIRMED") return { to: noted, says: [recall(order)], shows: [row] };
  const undone = cancelled(noted, "SYSTEM", refundReason);
  return { ...undone, shows: [row, ...undone.shows] };
}

/** Shipping answers with ShipmentCalledOff, which cancels the order, or with how its parcels stand. */
export function recall({ id }: Order): Saying {
  return say("OrderRecalled", { orderId: id, reason: refundReason, request: `refunded ${id}` });
}

/** The customer's bank has taken the payment back, or it is decided whose it is. No status follows from it; parcels wait. */
export function disputed(
  order: Order,
  { type, data, aggregate }: ShopEvent<"PaymentDisputed" | "PaymentDisputeClosed">,
): Step | Ignored {
  const { version } = aggregate;
  const known = order.progress.dispute;
  const status: DisputeStatus = type === "PaymentDisputed" ? "OPEN" : data.outcome;
  if (known && version <= known.version) return ignored("OLD_NEWS");
  if (known?.status === status) return ignored("NOTHING_NEW");
  const to = note(order, { dispute: { status, version } });
  const mayHold = order.status === "CONFIRMED" || order.status === "SHIPPED";
  const hasChanged = isHeld(to) !== isHeld(order);
  return {
    to,
    says: mayHold && hasChanged ? [hold(to)] : [],
    shows: [{ type: shownAs[status], status: order.status, message: inWords[status] }],
  };
}

export function hold(order: Order): Saying {
  return say("OrderHoldChanged", { orderId: order.id, isHeld: isHeld(order) });
}

const shownAs = {
  OPEN: "PAYMENT_DISPUTED",
  WON: "PAYMENT_DISPUTE_CLOSED",
  LOST: "PAYMENT_DISPUTE_CLOSED",
} as const;

const inWords: Record<DisputeStatus, string> = {
  OPEN: "The payment was disputed with the bank; parcels that have not left wait.",
  WON: "The dispute is over, and parcels may leave.",
  LOST: "The dispute is over: the bank has given the money back.",
};
