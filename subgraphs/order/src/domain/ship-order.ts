import { ignored, type Ignored, type ShopEvent } from "@shop/events";
import { advance } from "./advance.ts";
import { cancelled } from "./cancel-order.ts";
import { isEnded, note, type Order, type ShipmentRef } from "./order.ts";
import type { At, Step } from "./transition.ts";

export function shipmentScheduled(
  order: Order,
  scheduled: ShopEvent<"ShipmentScheduled">,
  at: At,
): Step | Ignored {
  if (isEnded(order)) return ignored("ORDER_ENDED");
  const { heard, shipments: known, shipmentsVersion } = order.progress;
  const { order: to, says } = advance(withNewer(order, scheduled), at);
  const { shipments } = scheduled.data;
  if (heard.filter((telling) => telling.startsWith(scheduled.type)).length > 1) {
    // Said again because this service had asked: news only if something was missed.
    if (scheduled.aggregate.version <= shipmentsVersion) return ignored("NOTHING_NEW");
    const moved = shipments.find((one) => statusOf(known, one) !== one.status) ?? shipments[0];
    const message = inWords[moved?.status ?? "SCHEDULED"];
    return { to, says, shows: [{ type: "SHIPMENT_UPDATED", status: to.status, message }] };
  }
  const count = shipments.length;
  const message =
    count === 1 ? "Your parcel is being prepared." : `Your ${count} parcels are being prepared.`;
  return { to, says, shows: [{ type: "SHIPMENT_SCHEDULED", status: to.status, message }] };
}

export function shipmentUpdated(order: Order, updated: ShopEvent<"ShipmentUpdated">, at: At): Step | Ignored {
  // Parcels that the customer has not been told of are no news any more: none of them leaves.
  if (isEnded(order) && order.progress.shipments.length === 0) return ignored("ORDER_ENDED");
  const { order: to, says } = advance(withNewer(order, updated), at);
  const message = inWords[updated.data.status];
  return { to, says, shows: [{ type: "SHIPMENT_UPDATED", status: to.status, message }] };
}

function statusOf(known: ShipmentRef[], { shipmentId }: ShipmentRef) {
  return known.find((one) => one.shipmentId === shipmentId)?.status;
}

/** The undo: no carrier takes it, so the order is called off, refunded and restocked by those who hear of it. */
export function shipmentFailed(order: Order): Step | Ignored {
  if (isEnded(order)) return ignored("ORDER_ENDED");
  const message = "We could not find a way to ship it.";
  const row = { type: "SHIPMENT_FAILED", status: order.status, message } as const;
  if (order.status !== "CONFIRMED" && order.status !== "PAID") return { to: order, says: [], shows: [row] };
  const undone = cancelled(order, "SYSTEM", message);
  return { ...undone, shows: [row, ...undone.shows] };
}

/** Each message tells of all shipments: an older one, coming late, doesn't turn them back. */
function withNewer(order: Order, told: ShopEvent<"ShipmentScheduled" | "ShipmentUpdated">): Order {
  const { version } = told.aggregate;
  if (version <= order.progress.shipmentsVersion) return order;
  return note(order, { shipments: told.data.shipments, shipmentsVersion: version });
}

const inWords: Record<ShopEvent<"ShipmentUpdated">["data"]["status"], string> = {
  SCHEDULED: "A parcel is being prepared.",
  SHIPPED: "A parcel has left our warehouse.",
  IN_TRANSIT: "A parcel is on its way.",
  OUT_FOR_DELIVERY: "A parcel is out for delivery.",
  DELIVERED: "A parcel has arrived.",
  CANCELLED: "A parcel was called off.",
};
