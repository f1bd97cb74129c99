import type { ShopEvent } from "@shop/events";
import { advance } from "./advance.ts";
import { cancelled } from "./cancel-order.ts";
import { confirmedRow } from "./confirm-order.ts";
import { isEnded, note, type Order } from "./order.ts";
import { type At, say, type Step } from "./transition.ts";

/** All lines are set aside. From here on the customer has until `expiresAt` to pay. */
export function stockReserved(order: Order, { data }: ShopEvent<"InventoryReserved">, at: At): Step {
  const { stock } = order.progress;
  const { allocations, mayBeHeld } = data;
  const reserved = { is: "RESERVED", allocations, ...(mayBeHeld === false ? { mayBeHeld } : {}) } as const;
  // Released may overtake reserved: what is already given back isn't held again.
  const noted = note(order, { stock: stock.is === "ASKED" ? reserved : stock });
  const { order: to, says } = advance(noted, at);
  const message =
    isEnded(to) || to.status === "CREATED"
      ? "The items had been set aside; they go back on sale."
      : "All items are set aside for you.";
  const confirmed = confirmedRow(to, says);
  const status = confirmed.length > 0 ? "PAID" : to.status;
  return { to, says, shows: [{ type: "INVENTORY_RESERVED", status, message }, ...confirmed] };
}

/** At least one line can't be had, so none is: the order ends before any money moves. */
export function stockRefused(order: Order, { data }: ShopEvent<"InventoryReservationFailed">): Step {
  const reason = shortageInWords(order, data.shortages);
  const noted = note(order, { stock: { is: "REFUSED" } });
  const row = { type: "INVENTORY_RESERVATION_FAILED", message: reason } as const;
  if (order.status === "AWAITING_PAYMENT" && order.progress.stock.is === "ASKED") {
    // Paid after its stock was given back, and somebody else has bought it meanwhile: the money is let go.
    const { to, says, shows } = cancelled(noted, "SYSTEM", reason);
    return { to, says, shows: [{ ...row, status: order.status }, ...shows] };
  }
  if (order.status !== "CREATED") {
    return { to: noted, says: [], shows: [{ ...row, status: order.status }] };
  }
  const to = note({ ...noted, status: "REJECTED", statusReason: reason }, { paymentToken: null });
  return {
    to,
    says: [say("OrderRejected", { orderId: order.id, reason })],
    shows: [{ ...row, status: "REJECTED" }],
  };
}

/** The undo, once the order has ended: what was set aside or sold is for sale again. */
export function stockReleased(order: Order): Step {
  const noted = note(order, { stock: { is: "RELEASED" } });
  const message = "The items are back on sale.";
  return { to: noted, says: [], shows: [{ type: "INVENTORY_RELEASED", status: order.status, message }] };
}

function shortageInWords(
  order: Order,
  shortages: ShopEvent<"InventoryReservationFailed">["data"]["shortages"],
): string {
  const parts = shortages.map(({ lineId, sku, requested, available, isUnpaidLimit }) => {
    const title = order.lines.find((line) => line.lineId === lineId)?.title ?? sku;
    if (isUnpaidLimit) {
      const some = available > 0 ? `only ${available} of ${requested}` : "none";
      return `${title} (${some} can be set aside without a payment)`;
    }
    return available > 0 ? `${title} (only ${available} of ${requested} left)` : `${title} (sold out)`;
  });
  return parts.length > 0 ? `Not enough in stock: ${parts.join(", ")}.` : "Not enough in stock.";
}
