import { ignored } from "@shop/events";
import type { Delivery } from "@shop/shipping/domain";
import { misstated, shipping, dropped, unpublished, type Mutant } from "./mutant.ts";

const published = ["ShipmentScheduled", "ShipmentUpdated", "ShipmentFailed", "ShipmentCalledOff"] as const;

/** The delivery with other parcels, once it is booked. */
function packed(name: string, change: (shipments: Delivery["shipments"]) => Delivery["shipments"]): Mutant {
  return shipping(name, (decide) => (state, message) => {
    const decision = decide(state, message);
    if (decision.outcome === "ignored" || message.type !== "OrderConfirmed" || state) return decision;
    return { ...decision, state: { ...decision.state, shipments: change(decision.state.shipments) } };
  });
}

/** Mistakes in shipping's decisions. */
export const shippingMutants: Mutant[] = [
  ...published.map((type) => unpublished("shipping", type)),
  ...["book", "call-off"].map((kind) => dropped("shipping", kind)),
  misstated("shipping", "ShipmentScheduled", "of one parcel only", (data) => ({
    ...data,
    shipments: data.shipments.slice(0, 1),
  })),
  packed("sends only one parcel of an order", (shipments) => shipments.slice(0, 1)),
  packed("packs one unit of each line", (shipments) =>
    shipments.map((one) => ({ ...one, contents: one.contents.map((part) => ({ ...part, quantity: 1 })) })),
  ),
  packed("packs what another warehouse has", (shipments) =>
    shipments.map((one) => ({ ...one, warehouseCode: one.warehouseCode === "EU" ? "US" : "EU" })),
  ),
  // Either one keeps the parcels back: order's request to call off, and its event of the end.
  shipping("ships what was cancelled before it was confirmed", (decide) => (state, message) => {
    const isEnd = message.type === "OrderCancelled" || message.type === "CallOff";
    return !state && isEnd ? ignored("UNKNOWN") : decide(state, message);
  }),
  shipping("ships what was called off", (decide) => (state, message) => {
    const decision = decide(state, message);
    if (decision.outcome === "ignored" || message.type !== "CallOff" || !state) return decision;
    return { ...decision, state: { ...state, version: decision.state.version } };
  }),
  shipping("leaves the parcels of what is cancelled", (decide) => (state, message) => {
    const isEnd = message.type === "OrderCancelled" || message.type === "CallOff";
    return state && isEnd ? ignored("TOO_LATE") : decide(state, message);
  }),
  shipping("calls off what has left", (decide) => (state, message) => {
    if (message.type !== "CallOff" || !state) return decide(state, message);
    const shipments = state.shipments.map((one) => ({ ...one, status: "SCHEDULED" as const }));
    return decide({ ...state, shipments }, message);
  }),
  shipping(
    "never calls anything off",
    (decide) => (state, message) => (message.type === "CallOff" ? ignored("LEFT") : decide(state, message)),
  ),
  shipping("answers that it has called off what it ignores", (decide) => (state, message) => {
    const decision = decide(state, message);
    return message.type === "CallOff" && decision.outcome === "ignored"
      ? ignored("ALREADY_CANCELLED")
      : decision;
  }),
  shipping(
    "forgets that no carrier takes it",
    (decide) => (state, message) =>
      message.type === "BookingRefused" ? ignored("LATER") : decide(state, message),
  ),
  shipping(
    "books what the carrier has refused",
    (decide) => (state, message) =>
      message.type === "BookingRefused"
        ? decide(state, { type: "ParcelsBooked", orderId: message.orderId, at: message.at, bookings: [] })
        : decide(state, message),
  ),
  shipping("moves a parcel that was called off", (decide) => (state, message) => {
    if (message.type !== "AdvanceShipment" || !state) return decide(state, message);
    const shipments = state.shipments.map((one) =>
      one.status === "CANCELLED" ? { ...one, status: "SCHEDULED" as const } : one,
    );
    return decide({ ...state, shipments }, message);
  }),
  shipping("moves a parcel back", (decide) => (state, message) => {
    if (message.type !== "AdvanceShipment" || !state) return decide(state, message);
    const shipments = state.shipments.map((one) =>
      one.status === "DELIVERED" || one.status === "IN_TRANSIT"
        ? { ...one, status: "SCHEDULED" as const }
        : one,
    );
    return decide({ ...state, shipments }, message);
  }),
  shipping("moves a parcel that is not booked yet", (decide) => (state, message) => {
    const isEarly = message.type === "AdvanceShipment" && state?.status === "BOOKING";
    return decide(isEarly ? { ...state, status: "BOOKED" } : state, message);
  }),
];
