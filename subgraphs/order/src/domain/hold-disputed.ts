import { ignored, type Ignored, type ShopEvent } from "@shop/events";
import { orderHoldChanged } from "./events.ts";
import { type DisputeStatus, holdsParcels, type Order, withProgress } from "./order.ts";
import type { Transition } from "./transition.ts";

/** A dispute was opened or closed at the customer's bank. It changes no status; unsent parcels wait for its end. */
export function disputed(
  order: Order,
  { type, data, aggregate: { version } }: ShopEvent<"PaymentDisputed" | "PaymentDisputeClosed">,
): Transition | Ignored {
  const known = order.progress.dispute;
  const status: DisputeStatus = type === "PaymentDisputed" ? "OPEN" : data.outcome;
  if (known && version <= known.version) return ignored("OUTDATED");
  if (known?.status === status) return ignored("NOTHING_NEW");
  const next = withProgress(order, { dispute: { status, version } });
  const hasParcels = order.status === "CONFIRMED" || order.status === "SHIPPED";
  const hasChanged = holdsParcels(next) !== holdsParcels(order);
  return {
    next,
    events: hasParcels && hasChanged ? [orderHoldChanged(next)] : [],
    timeline: [{ type: rowType[status], status: order.status, message: inWords[status] }],
  };
}

const rowType = {
  OPEN: "PAYMENT_DISPUTED",
  WON: "PAYMENT_DISPUTE_CLOSED",
  LOST: "PAYMENT_DISPUTE_CLOSED",
} as const;

const inWords: Record<DisputeStatus, string> = {
  OPEN: "The payment was disputed with the bank; parcels that have not left wait.",
  WON: "The dispute is over, and parcels may leave.",
  LOST: "The dispute is over: the bank has given the money back.",
};
