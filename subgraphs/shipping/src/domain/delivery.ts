import type { Allocation, RequestInput, EventData } from "@shop/events";
import type { BookTask } from "./message.ts";

/** Where a parcel is. */
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

/** Who asked for it to be stopped, and why. */
export type CallOff = Omit<RequestInput<"shipping.callOff">, "orderId">;

/** By the order's version that said it. `book`: what the carrier is asked once it may leave. */
export type Hold = { version: number; isHeld: boolean; book?: BookTask };

/** All that is sent for one order. CANCELLED without shipments is a mark that keeps a late confirmation from shipping. */
export type Delivery = {
  orderId: string;
  /** Grows with each change; each event about it has a version of its own. */
  version: number;
  shipments: Shipment[];
  /** The confirmation that it answers. */
  cause: string | null;
  /** Order's request that stopped it; null if it stands, or order had ended without asking. */
  calledOff: CallOff | null;
  /** What order said last about holding what has not left; null, or none in rows of earlier releases, if it said nothing. */
  hold?: Hold | null;
} & (
  | { status: "BOOKING" | "BOOKED" | "CANCELLED"; reason: null }
  /** Only a hold was heard of. */
  | { status: "UNCONFIRMED"; reason: null }
  /** No carrier takes it. */
  | { status: "FAILED"; reason: string }
);

/** Always the same for a warehouse's parcel of an order, so that whatever is done twice is done to the same parcel. */
export function shipmentId(orderId: string, warehouseCode: string): string {
  return `shp_${orderId.replace(/^ord_/, "")}_${warehouseCode}`;
}

/** The parcels as events tell of them. */
export function told(shipments: readonly Shipment[]): EventData<"ShipmentScheduled">["shipments"] {
  return shipments.map(({ id, warehouseCode, status }) => ({ shipmentId: id, warehouseCode, status }));
}

/** Whether it is on its way, or there: nobody can stop it any more. */
export function hasLeft({ status }: Shipment): boolean {
  return status !== "SCHEDULED" && status !== "CANCELLED";
}

/** The parcel one step further. */
export function moved(shipment: Shipment, step: ShipmentEvent): Shipment {
  return { ...shipment, status: step.status, events: [...shipment.events, step] };
}
