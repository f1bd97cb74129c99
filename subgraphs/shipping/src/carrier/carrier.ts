import type { PostalAddress } from "@shop/events";
import type { Booking } from "../domain/index.ts";

/** A parcel for a carrier to fetch from a warehouse. */
export type BookingRequest = {
  /** The key of the booking: the carrier answers a repeated request with the same booking. */
  shipmentId: string;
  warehouseCode: string;
  weightGrams: number;
  isExpress: boolean;
  address: PostalAddress;
};

/** An outside party that fetches and delivers parcels. A call may fail, and is then repeated. */
export type Carrier = {
  /** Throws CarrierRefused when a retry can't help. */
  book(request: BookingRequest): Promise<Booking>;
  /** Succeeds for unknown parcels as well. */
  callOff(shipmentId: string): Promise<void>;
};

/** The carrier refuses the parcel for good. */
export class CarrierRefused extends Error {
  override readonly name = "CarrierRefused";
}
