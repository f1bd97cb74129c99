import type { Allocation, StockState } from "@shop/events";
import {
  available,
  tellStock,
  unchanged,
  withPlace,
  withReservation,
  type Model,
  type Reservation,
  type Shortages,
  type Step,
} from "./model.ts";
import * as tell from "./tell.ts";

type Line = { lineId: string; sku: string; quantity: number };

/** Promises all lines of an order to it from the best warehouses, or none. Asked again, answers again. */
export function reserve(
  model: Model,
  order: { orderId: string; destination: string; lines: readonly Line[]; causationId: string },
): Step {
  const { orderId, lines } = order;
  const cause = { orderId, version: 1, causationId: order.causationId };
  const held = model.reservations.get(orderId);
  if (held) return answer(model, held, cause);
  const shortages = shortagesOf(model, lines);
  if (shortages.length > 0) {
    const failed = { status: "FAILED", version: 1, shortages } as const;
    return answer(withReservation(model, orderId, failed), failed, cause);
  }
  const allocated = allocate(model, lines, sendersFor(model, lines, order.destination));
  const told = tellStock(
    allocated.model,
    lines.map((line) => line.sku),
  );
  const reserved = { status: "RESERVED", version: 1, allocations: allocated.allocations } as const;
  return answer(withReservation(told.model, orderId, reserved), reserved, cause, told.stock);
}

function answer(model: Model, held: Reservation, cause: tell.Cause, stock: StockState[] = []): Step {
  switch (held.status) {
    case "RESERVED":
    case "SOLD":
      return { model, events: tell.reserved(cause, held.allocations, stock), outcome: "done" };
    case "FAILED":
      return { model, events: tell.reservationFailed(cause, held.shortages), outcome: "done" };
    case "RELEASED":
      return unchanged(model, "ignored", "ALREADY_RELEASED");
  }
}

function shortagesOf(model: Model, lines: readonly Line[]): Shortages {
  const wanted = new Map<string, number>();
  return lines.flatMap(({ lineId, sku, quantity }) => {
    const before = wanted.get(sku) ?? 0;
    wanted.set(sku, before + quantity);
    const item = model.items.get(sku);
    const left = (item ? available(item) : 0) - before;
    return left >= quantity ? [] : [{ lineId, sku, requested: quantity, available: Math.max(left, 0) }];
  });
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
