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
  if (held.status === "YIELDED") {
    // Its stock is back already; what it asks for under a later turn must not come any more.
    const version = held.version + 1;
    return {
      model: withReservation(start, orderId, { status: "RELEASED", version, wasSold: false }),
      events: tell.released({ orderId, version, causationId }, false, []),
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

/** Gives back what an order has reserved under this turn, while it stays payable. */
export function yieldStock(
  start: Model,
  { orderId, turn, causationId }: { orderId: string; turn: number; causationId: string },
): Step {
  const held = start.reservations.get(orderId);
  if (!held) return unchanged(start, "ignored", "NOTHING_RESERVED_YET");
  if (held.status !== "RESERVED") return unchanged(start, "ignored", `ALREADY_${held.status}`);
  if ((held.turn ?? 1) !== turn) return unchanged(start, "ignored", "ANOTHER_TURN");
  let model = start;
  for (const { sku, warehouseCode, quantity } of held.allocations) {
    model = withPlace(model, sku, warehouseCode, (was) => ({ ...was, reserved: was.reserved - quantity }));
  }
  const told = tellStock(
    model,
    held.allocations.map(({ sku }) => sku),
  );
  const yielded = { status: "YIELDED", version: held.version + 1, turn } as const;
  return {
    model: withReservation(told.model, orderId, yielded),
    events: tell.stockChanged(told.stock, causationId),
    outcome: "done",
  };
}
