import { changed, ignored, type Decision } from "@shop/events";
import { moved, type Delivery, type ShipmentStatus } from "./delivery.ts";
import { shipmentUpdated } from "./events.ts";
import type { Message } from "./message.ts";

/** A parcel's steps: they may be left out, and never go back. */
const steps: ShipmentStatus[] = ["SCHEDULED", "SHIPPED", "IN_TRANSIT", "OUT_FOR_DELIVERY", "DELIVERED"];

/** Why a parcel was not advanced. */
export type NotAdvanced =
  | "NO_SUCH_SHIPMENT"
  | "ALREADY_THERE"
  | "NOT_A_STEP"
  | "CALLED_OFF"
  | "NOT_BOOKED_YET"
  | "NEVER_BACKWARDS"
  | "HELD";

/** Moves a parcel forward, as the carrier reports it. */
export function advanceShipment(
  state: Delivery | undefined,
  { shipmentId, status, location, at }: Extract<Message, { type: "AdvanceShipment" }>,
): Decision<Delivery> {
  const shipment = state?.shipments.find(({ id }) => id === shipmentId);
  if (!state || !shipment) return notAdvanced("NO_SUCH_SHIPMENT");
  if (state.status === "BOOKING" || state.status === "UNCONFIRMED") return notAdvanced("NOT_BOOKED_YET");
  if (shipment.status === status) return notAdvanced("ALREADY_THERE");
  if (status === "CANCELLED") return notAdvanced("NOT_A_STEP");
  if (shipment.status === "CANCELLED") return notAdvanced("CALLED_OFF");
  if (steps.indexOf(status) < steps.indexOf(shipment.status)) return notAdvanced("NEVER_BACKWARDS");
  if (state.hold?.isHeld && shipment.status === "SCHEDULED") return notAdvanced("HELD");
  const next: Delivery = {
    ...state,
    version: state.version + 1,
    shipments: state.shipments.map((one) =>
      one === shipment ? moved(one, { status, occurredAt: at, location }) : one,
    ),
  };
  return changed(next, [shipmentUpdated(next, shipmentId, next.version)]);
}

function notAdvanced(reason: NotAdvanced): Decision<Delivery> {
  return ignored(reason);
}
