import { tellStock, unchanged, withPlace, type Model, type Step } from "./model.ts";
import * as tell from "./tell.ts";

/** Gives back what an order has reserved or bought, once. Before its reservation it leaves a mark that keeps that from coming. */
export function release(start: Model, order: { orderId: string; causationId: string }): Step {
  const { orderId } = order;
  const reservation = start.reservations.get(orderId);
  const remember = (model: Model, version: number): Model => ({
    ...model,
    reservations: new Map(model.reservations).set(orderId, {
      status: "RELEASED",
      version,
      allocations: reservation?.allocations ?? [],
    }),
  });
  if (!reservation) return unchanged(remember(start, 1), "ignored", "NOTHING_RESERVED_YET");
  if (reservation.status === "RELEASED" || reservation.status === "FAILED") {
    return unchanged(start, "ignored", `ALREADY_${reservation.status}`);
  }
  const wasSold = reservation.status === "SOLD";
  let model = start;
  for (const { sku, warehouseCode, quantity } of reservation.allocations) {
    model = withPlace(model, sku, warehouseCode, (was) =>
      wasSold
        ? { ...was, onHand: was.onHand + quantity, sold: was.sold - quantity }
        : { ...was, reserved: was.reserved - quantity },
    );
  }
  const told = tellStock(
    model,
    reservation.allocations.map(({ sku }) => sku),
  );
  const version = reservation.version + 1;
  return {
    model: remember(told.model, version),
    events: tell.released({ orderId, version, causationId: order.causationId }, wasSold, told.stock),
    outcome: "done",
  };
}
