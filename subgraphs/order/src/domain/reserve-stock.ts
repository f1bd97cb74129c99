import type { ShopEvent } from "@shop/events";
import { advance } from "./advance.ts";
import { cancelled } from "./cancel-order.ts";
import { confirmedRow } from "./confirm-order.ts";
import { orderRejected } from "./events.ts";
import { isEnded, type Order, withProgress } from "./order.ts";
import type { DecisionContext, Transition } from "./transition.ts";

/** Inventory reserved all lines. From now on the customer has until `expiresAt` to pay. */
export function stockReserved(
  order: Order,
  { data: { allocations, mayBeHeld } }: ShopEvent<"InventoryReserved">,
  context: DecisionContext,
): Transition {
  const { stock } = order.progress;
  const limit = mayBeHeld === false ? { mayBeHeld } : {};
  const reserved = { status: "RESERVED", allocations, ...limit } as const;
  // InventoryReleased may overtake InventoryReserved: released stock isn't reserved again.
  const recorded = withProgress(order, { stock: stock.status === "REQUESTED" ? reserved : stock });
  const advanced = advance(recorded, context);
  const { next, events } = advanced;
  const message =
    isEnded(next) || next.status === "CREATED"
      ? "The items had been set aside; they go back on sale."
      : "All items are set aside for you.";
  const confirmed = confirmedRow(advanced);
  const status = confirmed.length > 0 ? "PAID" : next.status;
  return { next, events, timeline: [{ type: "INVENTORY_RESERVED", status, message }, ...confirmed] };
}

/** At least one line is not available, so none is reserved: the order ends before any money moves. */
export function stockRefused(order: Order, { data }: ShopEvent<"InventoryReservationFailed">): Transition {
  const reason = shortageInWords(order, data.shortages);
  const recorded = withProgress(order, { stock: { status: "REFUSED" } });
  const row = { type: "INVENTORY_RESERVATION_FAILED", message: reason } as const;
  if (order.status === "AWAITING_PAYMENT" && order.progress.stock.status === "REQUESTED") {
    // Paid after its stock was yielded, and another order has bought it meanwhile: payment voids the payment.
    const { next, events, timeline } = cancelled(recorded, "SYSTEM", reason);
    return { next, events, timeline: [{ ...row, status: order.status }, ...timeline] };
  }
  if (order.status !== "CREATED") {
    return { next: recorded, events: [], timeline: [{ ...row, status: order.status }] };
  }
  return {
    next: withProgress({ ...recorded, status: "REJECTED", statusReason: reason }, { paymentToken: null }),
    events: [orderRejected(order, reason)],
    timeline: [{ ...row, status: "REJECTED" }],
  };
}

/** The undo, once the order has ended: its reserved or sold stock is for sale again. */
export function stockReleased(order: Order): Transition {
  const next = withProgress(order, { stock: { status: "RELEASED" } });
  const message = "The items are back on sale.";
  return { next, events: [], timeline: [{ type: "INVENTORY_RELEASED", status: order.status, message }] };
}

function shortageInWords(
  order: Order,
  shortages: ShopEvent<"InventoryReservationFailed">["data"]["shortages"],
): string {
  const parts = shortages.map(({ sku, requested, available, isUnpaidLimit }) => {
    const title = order.lines.find((line) => line.sku === sku)?.title ?? sku;
    if (isUnpaidLimit) {
      const some = available > 0 ? `only ${available} of ${requested}` : "none";
      return `${title} (${some} can be set aside without a payment)`;
    }
    return available > 0 ? `${title} (only ${available} of ${requested} left)` : `${title} (sold out)`;
  });
  return parts.length > 0 ? `Not enough in stock: ${parts.join(", ")}.` : "Not enough in stock.";
}
