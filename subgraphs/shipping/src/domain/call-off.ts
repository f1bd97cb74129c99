import { changed, ignored, type Decision, type ShopEvent } from "@shop/events";
import { moved, type Delivery } from "./delivery.ts";
import type { Message } from "./message.ts";
import { callOffTask, tellFailed, tellUpdated } from "./tell.ts";

type CallsOff = ShopEvent<"OrderCancelled" | "OrderConfirmationFailed">;

/**
 * The undo of the whole delivery. What is on its way is called back as well: order had decided before it heard of that.
 * Before the confirmation it leaves a mark that keeps that from shipping.
 */
export function callOff(state: Delivery | undefined, message: CallsOff): Decision<Delivery> {
  const { orderId } = message.data;
  if (!state) {
    return changed({ orderId, version: 1, status: "CANCELLED", reason: null, cause: null, shipments: [] });
  }
  switch (state.status) {
    case "CANCELLED":
      return ignored("ALREADY_CANCELLED");
    case "FAILED":
      return ignored("NOTHING_SCHEDULED");
    case "BOOKING": {
      const cancelled = withoutParcels({ ...state, status: "CANCELLED" }, message.occurredAt);
      const next = { ...cancelled, version: state.version + 1 };
      return changed(next, [], callOffTask(next));
    }
    case "BOOKED": {
      const stopped = state.shipments.filter((shipment) => shipment.status !== "DELIVERED");
      const cancelled = withoutParcels({ ...state, status: "CANCELLED" }, message.occurredAt);
      const next = { ...cancelled, version: state.version + Math.max(1, stopped.length) };
      const events = stopped.map(({ id }, at) => tellUpdated(next, id, state.version + at + 1, message.id));
      return changed(next, events, callOffTask(next));
    }
  }
}

/** No carrier takes it: what some may have taken already is called off. */
export function refuseBooking(
  state: Delivery | undefined,
  { reason, at }: Extract<Message, { type: "BookingRefused" }>,
): Decision<Delivery> {
  if (!state) return ignored("UNKNOWN_DELIVERY");
  if (state.status === "BOOKED") return ignored("ALREADY_BOOKED");
  // The calling off may have run before the carrier took some of them.
  if (state.status !== "BOOKING") return changed(state, [], callOffTask(state));
  const { orderId, version, cause } = state;
  const { shipments } = withoutParcels(state, at);
  const failed = { orderId, version: version + 1, cause, shipments, status: "FAILED", reason } as const;
  return changed(failed, [tellFailed(failed)], callOffTask(failed));
}

function withoutParcels<D extends Delivery>(delivery: D, at: string): D {
  const shipments = delivery.shipments.map((shipment) =>
    shipment.status === "DELIVERED"
      ? shipment
      : moved(shipment, { status: "CANCELLED", occurredAt: at, location: null }),
  );
  return { ...delivery, shipments };
}
