import { changed, ignored, type Decision } from "@shop/events";
import { moved, type Delivery, type ShipmentStatus } from "./delivery.ts";
import type { Message } from "./message.ts";
import { tellUpdated } from "./tell.ts";

/** A parcel's way; steps may be left out, never gone back. */
const way: ShipmentStatus[] = ["SCHEDULED", "SHIPPED", "IN_TRANSIT", "OUT_FOR_DELIVERY", "DELIVERED"];

/** Why a parcel doesn't move. */
export type StandsStill =
  | "NO_SUCH_SHIPMENT"
  | "ALREADY_THERE"
  | "NOT_A_STEP"
  | "CALLED_OFF"
  | "NOT_BOOKED_YET"
  | "NEVER_BACKWARDS"
  | "HELD";

/** The carrier's news of a parcel. */
export function advanceShipment(
  state: Delivery | undefined,
  { shipmentId, status, location, at }: Extract<Message, { type: "AdvanceShipment" }>,
): Decision<Delivery> {
  const shipment = state?.shipments.find(({ id }) => id === shipmentId);
  if (!state || !shipment) return still("NO_SUCH_SHIPMENT");
  if (state.status === "BOOKING" || state.status === "UNCONFIRMED") return still("NOT_BOOKED_YET");
  if (shipment.status === status) return still("ALREADY_THERE");
  if (status === "CANCELLED") return still("NOT_A_STEP");
  if (shipment.status === "CANCELLED") return still("CALLED_OFF");
  if (way.indexOf(status) < way.indexOf(shipment.status)) return still("NEVER_BACKWARDS");
  if (state.hold?.isHeld && shipment.status === "SCHEDULED") return still("HELD");
  const next: Delivery = {
    ...state,
    version: state.version + 1,
    shipments: state.shipments.map((one) =>
      one === shipment ? moved(one, { status, occurredAt: at, location }) : one,
    ),
  };
  return changed(next, [tellUpdated(next, shipmentId, next.version)]);
}

function still(reason: StandsStill): Decision<Delivery> {
  return ignored(reason);
}
