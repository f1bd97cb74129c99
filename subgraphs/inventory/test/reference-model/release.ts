import type { Allocation, StockState } from "@shop/events";
import { inventoryReleased, stockChanged } from "../../src/domain/events.ts";
import {
  raiseVersions,
  withoutEvents,
  withPlace,
  withReservation,
  type Decision,
  type Model,
  type Place,
} from "./model.ts";

/**
 * Gives back an order's reserved or sold stock, once; a repeated event gets the same answer again. A release before the
 * reservation leaves a mark that keeps the reservation out.
 */
export function release(
  start: Model,
  { orderId, causationId }: { orderId: string; causationId: string },
): Decision {
  const held = start.reservations.get(orderId);
  const released = (model: Model, version: number, wasSold: boolean, stock: StockState[]): Decision => ({
    model: withReservation(model, orderId, { status: "RELEASED", version, wasSold }),
    events: inventoryReleased({ orderId, version, causationId }, wasSold, stock),
    outcome: "done",
  });
  switch (held?.status) {
    case undefined: {
      const marked = withReservation(start, orderId, { status: "RELEASED", version: 1, wasSold: null });
      return withoutEvents(marked, "ignored", "NOTHING_RESERVED_YET");
    }
    case "FAILED":
      return withoutEvents(start, "ignored", "ALREADY_FAILED");
    case "RELEASED": {
      const { wasSold, version } = held;
      if (wasSold === null) return withoutEvents(start, "ignored", "ALREADY_RELEASED");
      return { ...released(start, version, wasSold, []), model: start };
    }
    case "YIELDED":
      // The stock is back already; the mark keeps a request under a later turn out.
      return released(start, held.version + 1, false, []);
    case "RESERVED":
    case "SOLD": {
      const wasSold = held.status === "SOLD";
      const { model, stock } = giveBack(start, held.allocations, (was, quantity) =>
        wasSold
          ? { ...was, onHand: was.onHand + quantity, sold: was.sold - quantity }
          : { ...was, reserved: was.reserved - quantity },
      );
      return released(model, held.version + 1, wasSold, stock);
    }
  }
}

/** Gives back an order's reserved stock of this turn, while the order stays payable. */
export function yieldStock(
  start: Model,
  { orderId, turn, causationId }: { orderId: string; turn: number; causationId: string },
): Decision {
  const held = start.reservations.get(orderId);
  if (!held) return withoutEvents(start, "ignored", "NOTHING_RESERVED_YET");
  if (held.status !== "RESERVED") return withoutEvents(start, "ignored", `ALREADY_${held.status}`);
  if ((held.turn ?? 1) !== turn) return withoutEvents(start, "ignored", "ANOTHER_TURN");
  const { model, stock } = giveBack(start, held.allocations, (was, quantity) => ({
    ...was,
    reserved: was.reserved - quantity,
  }));
  return {
    model: withReservation(model, orderId, { status: "YIELDED", version: held.version + 1, turn }),
    events: stockChanged(stock, causationId),
    outcome: "done",
  };
}

function giveBack(
  start: Model,
  allocations: readonly Allocation[],
  change: (was: Place, quantity: number) => Place,
): ReturnType<typeof raiseVersions> {
  const model = allocations.reduce(
    (model, { sku, warehouseCode, quantity }) =>
      withPlace(model, sku, warehouseCode, (was) => change(was, quantity)),
    start,
  );
  return raiseVersions(
    model,
    allocations.map(({ sku }) => sku),
  );
}
