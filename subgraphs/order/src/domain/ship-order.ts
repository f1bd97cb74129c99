import { ignored, type Ignored, type ShopEvent } from "@shop/events";
import { advance } from "./advance.ts";
import { cancelled } from "./cancel-order.ts";
import { isEnded, type Order, type ShipmentRef, withProgress } from "./order.ts";
import type { DecisionContext, Transition } from "./transition.ts";

export function shipmentScheduled(
  order: Order,
  event: ShopEvent<"ShipmentScheduled">,
  context: DecisionContext,
): Transition | Ignored {
  if (isEnded(order)) return ignored("ORDER_ENDED");
  const { processedKeys, shipments: known, shipmentsVersion } = order.progress;
  const { next, events } = advance(withNewerShipments(order, event), context);
  const { shipments } = event.data;
  if (processedKeys.filter((key) => key.startsWith(event.type)).length > 1) {
    // A repeated ShipmentScheduled (answer to ShipmentAwaited): changes the timeline only if an update was lost.
    if (event.aggregate.version <= shipmentsVersion) return ignored("NOTHING_NEW");
    const moved = shipments.find((one) => statusOf(known, one) !== one.status) ?? shipments[0];
    const message = inWords[moved?.status ?? "SCHEDULED"];
    return { next, events, timeline: [{ type: "SHIPMENT_UPDATED", status: next.status, message }] };
  }
  const count = shipments.length;
  const message =
    count === 1 ? "Your parcel is being prepared." : `Your ${count} parcels are being prepared.`;
  return { next, events, timeline: [{ type: "SHIPMENT_SCHEDULED", status: next.status, message }] };
}

export function shipmentUpdated(
  order: Order,
  event: ShopEvent<"ShipmentUpdated">,
  context: DecisionContext,
): Transition | Ignored {
  // An ended order without a SHIPMENT_SCHEDULED row gets no row of its parcels: none of them leaves.
  if (isEnded(order) && order.progress.shipments.length === 0) return ignored("ORDER_ENDED");
  const { next, events } = advance(withNewerShipments(order, event), context);
  const message = inWords[event.data.status];
  return { next, events, timeline: [{ type: "SHIPMENT_UPDATED", status: next.status, message }] };
}

function statusOf(known: ShipmentRef[], { shipmentId }: ShipmentRef) {
  return known.find((one) => one.shipmentId === shipmentId)?.status;
}

/** The undo: no carrier takes the parcels, so the order is cancelled; payment refunds and inventory restocks on that event. */
export function shipmentFailed(order: Order): Transition | Ignored {
  if (isEnded(order)) return ignored("ORDER_ENDED");
  const message = "We could not find a way to ship it.";
  const row = { type: "SHIPMENT_FAILED", status: order.status, message } as const;
  if (order.status !== "CONFIRMED" && order.status !== "PAID")
    return { next: order, events: [], timeline: [row] };
  const { next, events, timeline } = cancelled(order, "SYSTEM", message);
  return { next, events, timeline: [row, ...timeline] };
}

/** Each event has all shipments: an older one that arrives late doesn't overwrite a newer one. */
function withNewerShipments(
  order: Order,
  { data, aggregate: { version } }: ShopEvent<"ShipmentScheduled" | "ShipmentUpdated">,
): Order {
  if (version <= order.progress.shipmentsVersion) return order;
  return withProgress(order, { shipments: data.shipments, shipmentsVersion: version });
}

const inWords: Record<ShopEvent<"ShipmentUpdated">["data"]["status"], string> = {
  SCHEDULED: "A parcel is being prepared.",
  SHIPPED: "A parcel has left our warehouse.",
  IN_TRANSIT: "A parcel is on its way.",
  OUT_FOR_DELIVERY: "A parcel is out for delivery.",
  DELIVERED: "A parcel has arrived.",
  CANCELLED: "A parcel was called off.",
};
