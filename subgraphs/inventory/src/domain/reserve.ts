import type { Allocation, EventData } from "@shop/events";
import { available, tellStock, unchanged, withPlace, type Model, type Step } from "./model.ts";
import * as tell from "./tell.ts";

type Line = { lineId: string; sku: string; quantity: number };

/** Promises all lines of an order to it from the best warehouses, or none. */
export function reserve(
  model: Model,
  order: { orderId: string; destination: string; lines: readonly Line[]; causationId: string },
): Step {
  const { orderId, lines } = order;
  const before = model.reservations.get(orderId);
  if (before) return unchanged(model, "ignored", `ALREADY_${before.status}`);
  const shortages = shortagesOf(model, lines);
  const cause = { orderId, version: 1, causationId: order.causationId };
  const remember = (now: Model, status: "RESERVED" | "FAILED", allocations: Allocation[]): Model => ({
    ...now,
    reservations: new Map(now.reservations).set(orderId, { status, version: 1, allocations }),
  });
  if (shortages.length > 0) {
    return {
      model: remember(model, "FAILED", []),
      events: tell.reservationFailed(cause, shortages),
      outcome: "done",
    };
  }
  const allocated = allocate(model, lines, sendersFor(model, lines, order.destination));
  const told = tellStock(
    allocated.model,
    lines.map((line) => line.sku),
  );
  return {
    model: remember(told.model, "RESERVED", allocated.allocations),
    events: tell.reserved(cause, allocated.allocations, told.stock),
    outcome: "done",
  };
}

function shortagesOf(
  model: Model,
  lines: readonly Line[],
): EventData<"InventoryReservationFailed">["shortages"] {
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
