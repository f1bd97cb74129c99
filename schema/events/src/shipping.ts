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
  /** Names the one request to cancel that this comes from, so that order knows it again. */
  request: z.string(),
};

/** What shipping publishes. Aggregate and saga: the order's shipments together. */
export const shippingEvents = {
  /** One shipment for each warehouse that sends something; asked again, all of them as they stand now. */
  ShipmentScheduled: z.object({ ...ref, shipments: z.array(shipment).min(1) }),
  /** None could be scheduled after retries. */
  ShipmentFailed: z.object({ ...ref, reason: z.string() }),
  /** Nothing has left and nothing will, as order had asked: what it does next itself, unless it dies before. */
  ShipmentCalledOff: z.object({ ...ref, ...callOffPart }),
  /** One of them moved on; `shipments` are all of the order's as they stand now. */
  ShipmentUpdated: z.object({
    ...ref,
    shipmentId: z.string(),
    status: shipmentStatus,
    shipments: z.array(shipment).min(1),
  }),
};
