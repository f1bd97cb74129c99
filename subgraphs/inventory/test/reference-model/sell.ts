import { withoutEvents, withPlace, withReservation, type Decision, type Model } from "./model.ts";

/** Takes an order's reserved units out of the warehouses. Available units stay as they are, so there is no event. */
export function sell(start: Model, orderId: string): Decision {
  const reservation = start.reservations.get(orderId);
  if (!reservation || reservation.status === "FAILED" || reservation.status === "YIELDED") {
    return withoutEvents(start, "parked", "CONFIRMED_WITHOUT_RESERVATION");
  }
  if (reservation.status !== "RESERVED")
    return withoutEvents(start, "ignored", `ALREADY_${reservation.status}`);
  let model = start;
  for (const { sku, warehouseCode, quantity } of reservation.allocations) {
    model = withPlace(model, sku, warehouseCode, ({ onHand, reserved, sold }) => ({
      onHand: onHand - quantity,
      reserved: reserved - quantity,
      sold: sold + quantity,
    }));
  }
  const { version, turn = 1, allocations } = reservation;
  const sold = withReservation(model, orderId, { status: "SOLD", version: version + 1, turn, allocations });
  return { model: sold, events: [], outcome: "done" };
}
