import type { Allocation, StockState } from "@shop/events";
import { shortagesOf, type HoldRules, type Line } from "./hold-unpaid.ts";
import {
  levelOf,
  tellStock,
  unchanged,
  withPlace,
  withReservation,
  type Model,
  type Reservation,
  type Step,
} from "./model.ts";
import * as tell from "./tell.ts";

export type StockWish = {
  orderId: string;
  destination: string;
  lines: readonly Line[];
  causationId: string;
  /** Counts the order's reservations from 1. */
  turn: number;
  isUnpaid: boolean;
};

/**
 * Promises all lines of an order to it from the best warehouses, or none. Asked again under the same turn, answers again;
 * under a later one it reserves anew what was yielded.
 */
export function reserve(model: Model, order: StockWish, rules: HoldRules): Step {
  const { orderId, lines, turn, isUnpaid, causationId } = order;
  const held = model.reservations.get(orderId);
  if (held && !(isOpen(held) && turn > (held.turn ?? 1)))
    return answer(model, held, { orderId, causationId });
  const version = (held?.version ?? 0) + 1;
  if (held?.status === "RESERVED") {
    // What it was to yield is still there; the news of that comes too late to be acted on.
    const again = { ...held, version, turn };
    return answer(withReservation(model, orderId, again), again, { orderId, causationId });
  }
  const share = isUnpaid ? "unpaid" : "keepable";
  const { shortages, mayBeHeld } = shortagesOf(lines, (sku) => levelOf(model, sku), share, rules);
  if (shortages.length > 0) {
    const failed = { status: "FAILED", version, turn, shortages } as const;
    return answer(withReservation(model, orderId, failed), failed, { orderId, causationId });
  }
  const allocated = allocate(model, lines, sendersFor(model, lines, order.destination));
  const told = tellStock(
    allocated.model,
    lines.map((line) => line.sku),
  );
  const reserved = {
    ...({ status: "RESERVED", version, turn } as const),
    allocations: allocated.allocations,
    share: mayBeHeld && turn === 1 ? share : null,
  } as const;
  return answer(
    withReservation(told.model, orderId, reserved),
    reserved,
    { orderId, causationId },
    told.stock,
  );
}

function isOpen({ status }: Reservation): boolean {
  return status === "RESERVED" || status === "YIELDED";
}

function answer(
  model: Model,
  held: Reservation,
  { orderId, causationId }: { orderId: string; causationId: string },
  stock: StockState[] = [],
): Step {
  const turn = held.turn ?? 1;
  const cause = { orderId, causationId, version: held.status === "SOLD" ? held.version - 1 : held.version };
  switch (held.status) {
    case "RESERVED":
    case "SOLD": {
      const mayBeHeld = held.status === "RESERVED" && Boolean(held.share);
      const { allocations } = held;
      return {
        model,
        events: tell.reserved(cause, { allocations, turn, mayBeHeld }, stock),
        outcome: "done",
      };
    }
    case "FAILED": {
      const { shortages } = held;
      return { model, events: tell.reservationFailed(cause, { shortages, turn }), outcome: "done" };
    }
    case "YIELDED":
      return unchanged(model, "ignored", "ALREADY_YIELDED");
    case "RELEASED":
      return unchanged(model, "ignored", "ALREADY_RELEASED");
  }
}

/** Best first: who can send it all, then who stands in the country that it goes to. */
function sendersFor(model: Model, lines: readonly Line[], destination: string): Model["warehouses"] {
  const wanted = Map.groupBy(lines, (line) => line.sku);
  const canSendAll = (code: string) =>
    wanted
      .entries()
      .every(([sku, same]) => freeIn(model, sku, code) >= same.reduce((n, line) => n + line.quantity, 0));
  const score = ({ code, country }: { code: string; country: string }) =>
    (canSendAll(code) ? 2 : 0) + (country === destination ? 1 : 0);
  return model.warehouses.toSorted((one, other) => score(other) - score(one));
}

function allocate(start: Model, lines: readonly Line[], senders: Model["warehouses"]) {
  let model = start;
  const allocations: Allocation[] = [];
  for (const { lineId, sku, quantity } of lines) {
    let missing = quantity;
    for (const { code, country } of senders) {
      const taken = Math.min(missing, freeIn(model, sku, code));
      if (taken === 0) continue;
      model = withPlace(model, sku, code, (was) => ({ ...was, reserved: was.reserved + taken }));
      allocations.push({ lineId, sku, warehouseCode: code, warehouseCountry: country, quantity: taken });
      missing -= taken;
    }
  }
  return { model, allocations };
}

function freeIn(model: Model, sku: string, warehouseCode: string): number {
  const place = model.items.get(sku)?.places.get(warehouseCode);
  return place ? place.onHand - place.reserved : 0;
}
