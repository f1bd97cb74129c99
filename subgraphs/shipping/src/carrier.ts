import { createHash } from "node:crypto";
import type { PostalAddress } from "@shop/events";
import type { Booking } from "./domain/message.ts";

/** What a carrier is asked to fetch from a warehouse. */
export type BookingRequest = {
  /** The carrier knows a parcel by it: asked twice, it gives the same booking. */
  shipmentId: string;
  warehouseCode: string;
  weightGrams: number;
  isExpress: boolean;
  address: PostalAddress;
};

/** An outside party that fetches and brings parcels. Any call may fail and be made again. */
export type Carrier = {
  /** Throws CarrierRefused when it never will. */
  book(request: BookingRequest): Promise<Booking>;
  /** A parcel that it doesn't know is as good as called off. */
  callOff(shipmentId: string): Promise<void>;
};

/** The carrier won't take the parcel, however often it is asked. */
export class CarrierRefused extends Error {
  override readonly name = "CarrierRefused";
}

/** No carrier goes there: for trying out what happens then. */
export const refusedPostalCode = "00000";

/**
 * A carrier of our own making, as we run none: takes every parcel but those for the postal code 00000 (of any country).
 * It keeps no books: tracking numbers follow from the parcel's id, so there is nothing to forget when one is called off.
 */
export function simulatedCarrier(): Carrier {
  return {
    book({ shipmentId, address }) {
      if (address.postalCode.trim() === refusedPostalCode) {
        return Promise.reject(new CarrierRefused(`the carrier doesn't go to ${refusedPostalCode}`));
      }
      const digest = createHash("sha256").update(shipmentId).digest("hex").slice(0, 12).toUpperCase();
      const trackingNumber = `SP${digest}`;
      return Promise.resolve({
        shipmentId,
        trackingNumber,
        trackingUrl: `https://carrier.example/track/${trackingNumber}`,
      });
    },
    callOff: () => Promise.resolve(),
  };
}
