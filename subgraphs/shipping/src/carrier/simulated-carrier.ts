import { createHash } from "node:crypto";
import { CarrierRefused, type Carrier } from "./carrier.ts";

/** The postal code, in any country, that the simulated carrier refuses, so that ShipmentFailed can be tried out. */
export const refusedPostalCode = "00000";

/**
 * A simulation, as the shop has no contract with a carrier: takes every parcel but those for the refused postal code. It
 * stores nothing: tracking numbers are derived from the parcel's id, so calling off has nothing to delete.
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
