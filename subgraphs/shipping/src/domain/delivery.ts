import type { Allocation, EventData, RequestInput } from "@shop/events";
import type { BookTask } from "./tasks.ts";

/** The status of a parcel. */
export type ShipmentStatus = EventData<"ShipmentUpdated">["status"];

/** One step on a parcel's way. */
export type ShipmentEvent = { status: ShipmentStatus; occurredAt: string; location: string | null };

/** A parcel from one warehouse. */
export type Shipment = {
  id: string;
  warehouseCode: string;
  carrier: string;
  trackingNumber: string | null;
  trackingUrl: string | null;
  status: ShipmentStatus;
  estimatedDelivery: string;
  contents: Pick<Allocation, "lineId" | "sku" | "quantity">[];
  events: ShipmentEvent[];
};

/** The request that called a delivery off: by whom, and why. */
export type CallOff = Omit<RequestInput<"shipping.callOff">, "orderId">;

/** Order's newest hold or release, by the order's version. `book`: the task that waits for the release. */
export type Hold = { version: number; isHeld: boolean; book?: BookTask };

/** All parcels of one order. CANCELLED without shipments is a mark that keeps a late confirmation from shipping. */
export type Delivery = {
  orderId: string;
  /** Grows with each change; each event has a version of its own. */
  version: number;
  shipments: Shipment[];
  /** The id of OrderConfirmed, as the cause of later events. */
  cause: string | null;
  /** Order's request that called it off; null while it stands, or when the order ended without a request. */
  calledOff: CallOff | null;
  /** Null, or absent in rows of earlier releases, before the order's first OrderHoldChanged. */
  hold?: Hold | null;
} & (
  | { status: "BOOKING" | "BOOKED" | "CANCELLED"; reason: null }
  /** OrderHoldChanged came before OrderConfirmed. */
  | { status: "UNCONFIRMED"; reason: null }
  /** No carrier takes the parcels. */
  | { status: "FAILED"; reason: string }
);

/** Derived from order and warehouse, so that a repeated act is done to the same parcel. */
export function shipmentId(orderId: string, warehouseCode: string): string {
  return `shp_${orderId.replace(/^ord_/, "")}_${warehouseCode}`;
}

/** Whether a parcel is on its way, or delivered: it can't be stopped any more. */
export function hasLeft({ status }: Shipment): boolean {
  return status !== "SCHEDULED" && status !== "CANCELLED";
}

/** The parcel one step further. */
export function moved(shipment: Shipment, step: ShipmentEvent): Shipment {
  return { ...shipment, status: step.status, events: [...shipment.events, step] };
}

/** The delivery with all parcels cancelled that have not left. */
export function withoutParcels<D extends Delivery>(delivery: D, at: string): D {
  const shipments = delivery.shipments.map((shipment) =>
    hasLeft(shipment) ? shipment : moved(shipment, { status: "CANCELLED", occurredAt: at, location: null }),
  );
  return { ...delivery, shipments };
}
