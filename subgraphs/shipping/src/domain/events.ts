import { event, type EventData, type NewEvent } from "@shop/events";
import type { CallOff, Delivery, Shipment } from "./delivery.ts";

/** All parcels are booked at the carrier. */
export function shipmentScheduled(delivery: Delivery): NewEvent {
  const { orderId, shipments, cause } = delivery;
  const data = { orderId, shipments: statesOf(shipments) };
  return event("ShipmentScheduled", { ...saga(delivery, cause), data });
}

/** No carrier takes the parcels. */
export function shipmentFailed(delivery: Delivery & { status: "FAILED" }): NewEvent {
  const { orderId, reason, cause } = delivery;
  return event("ShipmentFailed", { ...saga(delivery, cause), data: { orderId, reason } });
}

/** No parcel leaves any more, as order requested. */
export function shipmentCalledOff(delivery: Delivery, calledOff: CallOff): NewEvent {
  const { orderId } = delivery;
  return event("ShipmentCalledOff", { ...saga(delivery), data: { orderId, ...calledOff } });
}

/** One parcel has moved on. */
export function shipmentUpdated(delivery: Delivery, id: string, version: number, cause?: string): NewEvent {
  const { orderId, shipments } = delivery;
  const status = shipments.find((shipment) => shipment.id === id)?.status ?? "SCHEDULED";
  const data = { orderId, shipmentId: id, status, shipments: statesOf(shipments) };
  return event("ShipmentUpdated", { ...saga({ orderId, version }, cause), data });
}

function statesOf(shipments: readonly Shipment[]): EventData<"ShipmentScheduled">["shipments"] {
  return shipments.map(({ id, warehouseCode, status }) => ({ shipmentId: id, warehouseCode, status }));
}

function saga({ orderId, version }: Pick<Delivery, "orderId" | "version">, cause?: string | null) {
  return { aggregateId: orderId, sagaId: orderId, version, ...(cause ? { causationId: cause } : {}) };
}
