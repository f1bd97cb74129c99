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

/** What shipping publishes. Aggregate and saga: the order's shipments together. */
export const shippingEvents = {
  /** One shipment for each warehouse that sends something. */
  ShipmentScheduled: z.object({ ...ref, shipments: z.array(shipment).min(1) }),
  /** None could be scheduled after retries. */
  ShipmentFailed: z.object({ ...ref, reason: z.string() }),
  /** One of them moved on; `shipments` are all of the order's as they stand now. */
  ShipmentUpdated: z.object({
    ...ref,
    shipmentId: z.string(),
    status: shipmentStatus,
    shipments: z.array(shipment).min(1),
  }),
};
