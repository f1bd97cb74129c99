import type { Order } from "./domain/index.ts";

/** A customer, as order refers to them. */
export type UserReference = { id: string };
/** A payment, as order refers to it. */
export type PaymentReference = { id: string };
/** A parcel, as order refers to it. */
export type ShipmentReference = { id: string; order: Order };
