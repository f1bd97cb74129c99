import type { PostalAddress } from "@shop/events";

/** Task `book`: books all parcels of an order at the carrier. */
export type BookTask = {
  orderId: string;
  /** The moment of the confirmation, from which the carrier's patience runs. */
  confirmedAt: string;
  address: PostalAddress;
  isExpress: boolean;
  parcels: { shipmentId: string; warehouseCode: string; weightGrams: number }[];
};

/** Task `call-off`: calls parcels off at the carrier. */
export type CallOffTask = { orderId: string; shipmentIds: string[] };
