import { tellStock, unchanged, withPlace, withReservation, type Model, type Step } from "./model.ts";
import * as tell from "./tell.ts";

/**
 * Gives back what an order has reserved or bought, once; asked again, answers again. Before its reservation it leaves a
 * mark that keeps that from coming.
 */
export function release(
  start: Model,
  { orderId, causationId }: { orderId: string; causationId: string },
): Step {
  const held = start.reservations.get(orderId);
  if (!held) {
    const marked = withReservation(start, orderId, { status: "RELEASED", version: 1, wasSold: null });
    return unchanged(marked, "ignored", "NOTHING_RESERVED_YET");
  }
  if (held.status === "FAILED") return unchanged(start, "ignored", "ALREADY_FAILED");
  if (held.status === "RELEASED") {
    const { wasSold, version } = held;
    if (wasSold === null) return unchanged(start, "ignored", "ALREADY_RELEASED");
    return {
      model: start,
      events: tell.released({ orderId, version, causationId }, wasSold, []),
      outcome: "done",
    };
  }
  const wasSold = held.status === "SOLD";
  let model = start;
  for (const { sku, warehouseCode, quantity } of held.allocations) {
    model = withPlace(model, sku, warehouseCode, (was) =>
      wasSold
        ? { ...was, onHand: was.onHand + quantity, sold: was.sold - quantity }
        : { ...was, reserved: was.reserved - quantity },
    );
  }
  const told = tellStock(
    model,
    held.allocations.map(({ sku }) => sku),
  );
  const version = held.version + 1;
  return {
    model: withReservation(told.model, orderId, { status: "RELEASED", version, wasSold }),
    events: tell.released({ orderId, version, causationId }, wasSold, told.stock),
    outcome: "done",
  };
}
