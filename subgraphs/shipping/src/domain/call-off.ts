import { changed, ignored, type Decision, type NewTask, type ShopEvent } from "@shop/events";
import { hasLeft, withoutParcels, type Delivery } from "./delivery.ts";
import { shipmentCalledOff, shipmentUpdated } from "./events.ts";
import type { Message } from "./message.ts";
import { republishCurrentState } from "./republish-current-state.ts";
import type { CallOffTask } from "./tasks.ts";

/** Why a delivery can't or needn't be called off. */
export type NotCalledOff = "LEFT" | "ALREADY_CANCELLED" | "NOTHING_SCHEDULED";

/**
 * Order requests this before it cancels a confirmed order, and cancels only if it succeeds: whether a parcel has left is
 * decided here alone, under the delivery's lock. ShipmentCalledOff is for an order service that dies before it cancels.
 */
export function callOff(
  state: Delivery | undefined,
  { orderId, at, by, reason, request }: Extract<Message, { type: "CallOff" }>,
): Decision<Delivery> {
  if (state?.shipments.some(hasLeft)) return notCalledOff("LEFT");
  const stopped = stop(state, { orderId, at });
  if (stopped.outcome === "ignored") return stopped;
  const calledOff = { by, reason, request };
  const next = { ...stopped.state, calledOff, version: stopped.state.version + 1 };
  return { ...stopped, state: next, events: [...stopped.events, shipmentCalledOff(next, calledOff)] };
}

/** Calls off an order whose payment was refunded; the answer is ShipmentCalledOff, or where the parcels are. */
export function recall(
  state: Delivery | undefined,
  recalled: ShopEvent<"OrderRecalled">,
): Decision<Delivery> {
  const { orderId, reason, request } = recalled.data;
  const calledOff = { by: "SYSTEM", reason, request } as const;
  const decision = callOff(state, { type: "CallOff", orderId, at: recalled.occurredAt, ...calledOff });
  if (decision.outcome === "changed") {
    return { ...decision, events: decision.events.map((event) => ({ ...event, causationId: recalled.id })) };
  }
  if (!state) return decision;
  // Cancelled for another reason, of which order may have missed the event.
  if (state.status === "CANCELLED" && !state.calledOff) {
    const next = { ...state, calledOff, version: state.version + 1 };
    return changed(next, [{ ...shipmentCalledOff(next, calledOff), causationId: recalled.id }]);
  }
  return republishCurrentState(state, recalled);
}

/** The undo of the whole delivery, because its order has ended; parcels that have left stay on their way. */
export function endOrder(
  state: Delivery | undefined,
  { id, occurredAt, data }: ShopEvent<"OrderCancelled" | "OrderConfirmationFailed">,
): Decision<Delivery> {
  return stop(state, { orderId: data.orderId, at: occurredAt, cause: id });
}

/** Before the confirmation, leaves a mark that keeps the confirmation from shipping. */
function stop(
  state: Delivery | undefined,
  { orderId, at, cause }: { orderId: string; at: string; cause?: string },
): Decision<Delivery> {
  if (!state) {
    const mark = { orderId, version: 1, reason: null, cause: null, calledOff: null, shipments: [] };
    return changed({ ...mark, status: "CANCELLED" });
  }
  switch (state.status) {
    case "CANCELLED":
      return notCalledOff("ALREADY_CANCELLED");
    case "FAILED":
      return notCalledOff("NOTHING_SCHEDULED");
    case "UNCONFIRMED":
      return changed({ ...state, status: "CANCELLED", version: state.version + 1 });
    case "BOOKING": {
      const cancelled = withoutParcels({ ...state, status: "CANCELLED" }, at);
      const next = { ...cancelled, version: state.version + 1 };
      return changed(next, [], callOffTask(next));
    }
    case "BOOKED": {
      const stopped = state.shipments.filter((shipment) => !hasLeft(shipment));
      const cancelled = withoutParcels({ ...state, status: "CANCELLED" }, at);
      const next = { ...cancelled, version: state.version + Math.max(1, stopped.length) };
      const events = stopped.map((one, n) => shipmentUpdated(next, one.id, state.version + n + 1, cause));
      return changed(next, events, callOffTask(next));
    }
  }
}

/** The task that calls the cancelled parcels off at the carrier. */
export function callOffTask({ orderId, shipments }: Delivery): NewTask[] {
  const shipmentIds = shipments.filter(({ status }) => status === "CANCELLED").map(({ id }) => id);
  if (shipmentIds.length === 0) return [];
  const payload: CallOffTask = { orderId, shipmentIds };
  return [{ kind: "call-off", payload }];
}

function notCalledOff(reason: NotCalledOff): Decision<Delivery> {
  return ignored(reason);
}
