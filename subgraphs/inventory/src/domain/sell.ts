import { unchanged, withPlace, withReservation, type Model, type Step } from "./model.ts";

/** What was reserved leaves the shelves; what can be bought stays as it is, so nothing is told. */
export function sell(start: Model, orderId: string): Step {
  const reservation = start.reservations.get(orderId);
  if (!reservation || reservation.status === "FAILED" || reservation.status === "YIELDED") {
    return unchanged(start, "parked", "CONFIRMED_WITHOUT_RESERVATION");
  }
  if (reservation.status !== "RESERVED") return unchanged(start, "ignored", `ALREADY_${reservation.status}`);
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
