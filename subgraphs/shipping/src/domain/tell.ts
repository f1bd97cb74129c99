import { event, type NewEvent, type NewTask } from "@shop/events";
import { told, type CallOff, type Delivery } from "./delivery.ts";
import type { CallOffTask } from "./message.ts";

/** All parcels are with the carrier. */
export function tellScheduled(delivery: Delivery): NewEvent {
  const { orderId, shipments } = delivery;
  return event("ShipmentScheduled", { ...envelope(delivery), data: { orderId, shipments: told(shipments) } });
}

/** No carrier takes it. */
export function tellFailed(delivery: Delivery & { status: "FAILED" }): NewEvent {
  const { orderId, reason } = delivery;
  return event("ShipmentFailed", { ...envelope(delivery), data: { orderId, reason } });
}

/** Nothing leaves any more, as order had asked. */
export function tellCalledOff({ orderId, version }: Delivery, calledOff: CallOff): NewEvent {
  const data = { orderId, ...calledOff };
  return event("ShipmentCalledOff", { aggregateId: orderId, sagaId: orderId, version, data });
}

/** One parcel has moved on. */
export function tellUpdated(delivery: Delivery, id: string, version: number, cause?: string): NewEvent {
  const { orderId, shipments } = delivery;
  const status = shipments.find((shipment) => shipment.id === id)?.status ?? "SCHEDULED";
  return event("ShipmentUpdated", {
    aggregateId: orderId,
    sagaId: orderId,
    version,
    ...(cause ? { causationId: cause } : {}),
    data: { orderId, shipmentId: id, status, shipments: told(shipments) },
  });
}

/** The carrier is told that these parcels won't come. */
export function callOffTask({ orderId, shipments }: Delivery): NewTask[] {
  const shipmentIds = shipments.filter(({ status }) => status === "CANCELLED").map(({ id }) => id);
  if (shipmentIds.length === 0) return [];
  const payload: CallOffTask = { orderId, shipmentIds };
  return [{ kind: "call-off", payload }];
}

function envelope({ orderId, version, cause }: Delivery) {
  return {
    aggregateId: orderId,
    sagaId: orderId,
    version,
    ...(cause ? { causationId: cause } : {}),
  };
}
