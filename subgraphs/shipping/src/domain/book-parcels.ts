import { changed, ignored, type Allocation, type Decision, type ShopEvent } from "@shop/events";
import { callOffTask } from "./call-off.ts";
import { shipmentId, withoutParcels, type Delivery, type Shipment } from "./delivery.ts";
import { shipmentFailed, shipmentScheduled } from "./events.ts";
import type { Message } from "./message.ts";
import { estimateDelivery } from "./price-options.ts";
import { republishCurrentState } from "./republish-current-state.ts";
import type { BookTask } from "./tasks.ts";

type Confirmed = ShopEvent<"OrderConfirmed">;

/** Makes one parcel for each warehouse of the allocations; a task books them at the carrier after the commit. */
export function bookParcels(state: Delivery | undefined, confirmed: Confirmed): Decision<Delivery> {
  if (state && state.status !== "UNCONFIRMED") return republishCurrentState(state, confirmed);
  const { orderId, shippingOptionId, address } = confirmed.data;
  const hold = state?.hold ?? null;
  const base = { orderId, version: (state?.version ?? 0) + 1, cause: confirmed.id, calledOff: null, hold };
  const estimate = estimateDelivery(shippingOptionId, address.country, new Date(confirmed.occurredAt));
  if (!estimate) {
    const failed: Delivery = { ...base, status: "FAILED", reason: "NOT_SHIPPED_THERE", shipments: [] };
    return changed(failed, [shipmentFailed(failed)]);
  }
  const isExpress = shippingOptionId === "express";
  const shipments = [...Map.groupBy(confirmed.data.allocations, (part) => part.warehouseCode)].map(
    ([warehouseCode, parts]) => parcel({ confirmed, warehouseCode, parts, isExpress, estimate }),
  );
  const book = bookTask(confirmed, shipments, isExpress);
  const booking: Delivery = { ...base, status: "BOOKING", reason: null, shipments };
  // The release of the hold enqueues the task.
  if (hold?.isHeld) return changed({ ...booking, hold: { ...hold, book } });
  return changed(booking, [], [{ kind: "book", payload: book }]);
}

/** The carrier took all parcels; those that were cancelled meanwhile are called off at the carrier as well. */
export function confirmBooking(
  state: Delivery | undefined,
  { bookings, at }: Extract<Message, { type: "ParcelsBooked" }>,
): Decision<Delivery> {
  if (!state) return ignored("UNKNOWN_DELIVERY");
  switch (state.status) {
    case "BOOKED":
      return ignored("ALREADY_BOOKED");
    case "UNCONFIRMED":
      return ignored("UNKNOWN_DELIVERY");
    case "CANCELLED":
    case "FAILED":
      return changed(state, [], callOffTask(state));
    case "BOOKING": {
      const byId = new Map(bookings.map((booking) => [booking.shipmentId, booking]));
      const shipments = state.shipments.map((shipment): Shipment => {
        const { trackingNumber = null, trackingUrl = null } = byId.get(shipment.id) ?? {};
        const scheduled = { status: "SCHEDULED" as const, occurredAt: at, location: shipment.warehouseCode };
        return { ...shipment, trackingNumber, trackingUrl, events: [scheduled] };
      });
      const booked: Delivery = { ...state, status: "BOOKED", version: state.version + 1, shipments };
      return changed(booked, [shipmentScheduled(booked)]);
    }
  }
}

/** No carrier takes the parcels: the delivery fails, and parcels that a carrier may have taken are called off. */
export function refuseBooking(
  state: Delivery | undefined,
  { reason, at }: Extract<Message, { type: "BookingRefused" }>,
): Decision<Delivery> {
  if (!state) return ignored("UNKNOWN_DELIVERY");
  if (state.status === "BOOKED") return ignored("ALREADY_BOOKED");
  // An earlier call-off task may have run before the carrier took some parcels.
  if (state.status !== "BOOKING") return changed(state, [], callOffTask(state));
  const { orderId, version, cause, calledOff } = state;
  const { shipments } = withoutParcels(state, at);
  const base = { orderId, version: version + 1, cause, calledOff, shipments };
  const failed = { ...base, status: "FAILED", reason } as const;
  return changed(failed, [shipmentFailed(failed)], callOffTask(failed));
}

function parcel(of: {
  confirmed: Confirmed;
  warehouseCode: string;
  parts: readonly Allocation[];
  isExpress: boolean;
  estimate: string;
}): Shipment {
  return {
    id: shipmentId(of.confirmed.data.orderId, of.warehouseCode),
    warehouseCode: of.warehouseCode,
    carrier: of.isExpress ? "Shop Express" : "Shop Parcel",
    trackingNumber: null,
    trackingUrl: null,
    status: "SCHEDULED",
    estimatedDelivery: of.estimate,
    contents: of.parts.map(({ lineId, sku, quantity }) => ({ lineId, sku, quantity })),
    events: [],
  };
}

function bookTask(
  { data, occurredAt: confirmedAt }: Confirmed,
  shipments: readonly Shipment[],
  isExpress: boolean,
): BookTask {
  const gramsOf = new Map(data.lines.map((line) => [line.lineId, line.weightGrams]));
  return {
    orderId: data.orderId,
    confirmedAt,
    address: data.address,
    isExpress,
    parcels: shipments.map(({ id, warehouseCode, contents }) => ({
      shipmentId: id,
      warehouseCode,
      weightGrams: contents.reduce((sum, part) => sum + (gramsOf.get(part.lineId) ?? 0) * part.quantity, 0),
    })),
  };
}
