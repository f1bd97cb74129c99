import { changed, ignored, type Decision, type ShopEvent } from "@shop/events";
import { answerAgain } from "./answer-again.ts";
import { hasLeft, moved, type Delivery } from "./delivery.ts";
import type { Message } from "./message.ts";
import { callOffTask, tellCalledOff, tellFailed, tellUpdated } from "./tell.ts";

/** What keeps a delivery from being called off, or makes it needless. */
export type StaysAsItIs = "LEFT" | "ALREADY_CANCELLED" | "NOTHING_SCHEDULED";

/**
 * Order asks before it cancels what it has confirmed, and cancels only what this stops: whether a parcel has left is
 * decided here alone, under the delivery's lock. Told as an event as well, for an order that dies before it cancels.
 */
export function callOffAsked(
  state: Delivery | undefined,
  { orderId, at, by, reason, request }: Extract<Message, { type: "CallOff" }>,
): Decision<Delivery> {
  if (state?.shipments.some(hasLeft)) return asItIs("LEFT");
  const stopped = stop(state, { orderId, at });
  if (stopped.outcome === "ignored") return stopped;
  const calledOff = { by, reason, request };
  const next = { ...stopped.state, calledOff, version: stopped.state.version + 1 };
  return { ...stopped, state: next, events: [...stopped.events, tellCalledOff(next, calledOff)] };
}

/** The money is with the customer again: order is told that nothing leaves any more, or what has left. */
export function recalled(
  state: Delivery | undefined,
  recall: ShopEvent<"OrderRecalled">,
): Decision<Delivery> {
  const { orderId, reason, request } = recall.data;
  const wish = { type: "CallOff", orderId, reason, request, by: "SYSTEM", at: recall.occurredAt } as const;
  const decision = callOffAsked(state, wish);
  if (decision.outcome === "changed") {
    return { ...decision, events: decision.events.map((event) => ({ ...event, causationId: recall.id })) };
  }
  if (!state) return decision;
  // Stopped for another reason, whose news order may have missed.
  if (state.status === "CANCELLED" && !state.calledOff) {
    const calledOff = { by: "SYSTEM", reason, request } as const;
    const next = { ...state, calledOff, version: state.version + 1 };
    return changed(next, [{ ...tellCalledOff(next, calledOff), causationId: recall.id }]);
  }
  return answerAgain(state, recall);
}

/** The undo of the whole delivery: order has ended. What has left by then goes on its way. */
export function orderEnded(
  state: Delivery | undefined,
  { id, occurredAt, data }: ShopEvent<"OrderCancelled" | "OrderConfirmationFailed">,
): Decision<Delivery> {
  return stop(state, { orderId: data.orderId, at: occurredAt, cause: id });
}

/** Before the confirmation it leaves a mark that keeps that from shipping. */
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
      return asItIs("ALREADY_CANCELLED");
    case "FAILED":
      return asItIs("NOTHING_SCHEDULED");
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
      const events = stopped.map((one, n) => tellUpdated(next, one.id, state.version + n + 1, cause));
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
  const { orderId, version, cause, calledOff } = state;
  const { shipments } = withoutParcels(state, at);
  const base = { orderId, version: version + 1, cause, calledOff, shipments };
  const failed = { ...base, status: "FAILED", reason } as const;
  return changed(failed, [tellFailed(failed)], callOffTask(failed));
}

function withoutParcels<D extends Delivery>(delivery: D, at: string): D {
  const shipments = delivery.shipments.map((shipment) =>
    hasLeft(shipment) ? shipment : moved(shipment, { status: "CANCELLED", occurredAt: at, location: null }),
  );
  return { ...delivery, shipments };
}

function asItIs(reason: StaysAsItIs): Decision<Delivery> {
  return ignored(reason);
}
