import { z } from "zod";

/** As in the API's ShipmentStatus. */
export const shipmentStatus = z.enum([
  "SCHEDULED",
  "SHIPPED",
  "IN_TRANSIT",
  "OUT_FOR_DELIVERY",
  "DELIVERED",
  "CANCELLED",
]);

const shipment = z.object({ shipmentId: z.string(), warehouseCode: z.string(), status: shipmentStatus });

const ref = { orderId: z.string() };

/** Who stopped the parcels of an order, and why. */
export const callOffPart = {
  by: z.enum(["CUSTOMER", "STAFF", "SYSTEM"]),
  reason: z.string().nullable(),
  /** Names the request to cancel that this comes from, so that order recognises it. */
  request: z.string(),
};

/** The events that shipping publishes. Aggregate and saga: all shipments of the order. */
export const shippingEvents = {
  /** One shipment for each warehouse that sends something; after ShipmentAwaited, all of them as they stand now. */
  ShipmentScheduled: z.object({ ...ref, shipments: z.array(shipment).min(1) }),
  /** None could be scheduled after retries. */
  ShipmentFailed: z.object({ ...ref, reason: z.string() }),
  /** No parcel has left and none will, as order had requested: order cancels by itself, or by this event after a crash. */
  ShipmentCalledOff: z.object({ ...ref, ...callOffPart }),
  /** One of them moved on; `shipments` are all of the order's as they stand now. */
  ShipmentUpdated: z.object({
    ...ref,
    shipmentId: z.string(),
    status: shipmentStatus,
    shipments: z.array(shipment).min(1),
  }),
};
