import type { Allocation, StockState } from "@shop/events";
import type { ReservationRequest } from "../../src/domain/reservation-request.ts";
import type { Reservation } from "../../src/domain/reservation.ts";
import { inventoryReservationFailed, inventoryReserved } from "../../src/domain/events.ts";
import { findShortages, type HoldRules, type Line } from "../../src/domain/unpaid-unit-limits.ts";
import {
  levelOf,
  raiseVersions,
  withoutEvents,
  withPlace,
  withReservation,
  type Decision,
  type Model,
} from "./model.ts";

/**
 * Reserves all lines of an order from the best warehouses, or none. A repeated request of the same turn gets the same answer
 * again; one of a later turn reserves anew what was yielded.
 */
export function reserve(
  model: Model,
  request: ReservationRequest,
  { rules, causationId }: { rules: HoldRules; causationId: string },
): Decision {
  const { orderId, lines, turn, isUnpaid } = request;
  const held = model.reservations.get(orderId);
  const cause = { orderId, causationId };
  if (held && !(isOpen(held) && turn > (held.turn ?? 1))) return answer(model, held, cause);
  const version = (held?.version ?? 0) + 1;
  const written = (model: Model, reservation: Reservation, stock?: StockState[]) =>
    answer(withReservation(model, orderId, reservation), reservation, cause, stock);
  // The stock to yield is still reserved; StockYielded of the earlier turn comes too late and is ignored.
  if (held?.status === "RESERVED") return written(model, { ...held, version, turn });
  const share = isUnpaid ? "unpaid" : "keepable";
  const { shortages, mayBeHeld } = findShortages(lines, (sku) => levelOf(model, sku), share, rules);
  if (shortages.length > 0) return written(model, { status: "FAILED", version, turn, shortages });
  const { allocations, ...allocated } = allocate(model, lines, rankWarehouses(model, request));
  const raised = raiseVersions(
    allocated.model,
    lines.map((line) => line.sku),
  );
  const heldAs = mayBeHeld && turn === 1 ? share : null;
  return written(
    raised.model,
    { status: "RESERVED", version, turn, allocations, share: heldAs },
    raised.stock,
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
): Decision {
  const turn = held.turn ?? 1;
  const cause = { orderId, causationId, version: held.status === "SOLD" ? held.version - 1 : held.version };
  switch (held.status) {
    case "RESERVED":
    case "SOLD": {
      const mayBeHeld = held.status === "RESERVED" && Boolean(held.share);
      const { allocations } = held;
      const events = inventoryReserved(cause, { allocations, turn, mayBeHeld }, stock);
      return { model, events, outcome: "done" };
    }
    case "FAILED": {
      const { shortages } = held;
      const events = inventoryReservationFailed(cause, { shortages, turn });
      return { model, events, outcome: "done" };
    }
    case "YIELDED":
      return withoutEvents(model, "ignored", "ALREADY_YIELDED");
    case "RELEASED":
      return withoutEvents(model, "ignored", "ALREADY_RELEASED");
  }
}

/** Best first: warehouses that can send the whole order, then those in the country of its destination. */
function rankWarehouses(
  model: Model,
  { lines, destination }: Pick<ReservationRequest, "lines" | "destination">,
): Model["warehouses"] {
  const wanted = Map.groupBy(lines, (line) => line.sku);
  const canSendAll = (code: string) =>
    wanted
      .entries()
      .every(([sku, same]) => freeIn(model, sku, code) >= same.reduce((n, line) => n + line.quantity, 0));
  const score = ({ code, country }: { code: string; country: string }) =>
    (canSendAll(code) ? 2 : 0) + (country === destination ? 1 : 0);
  return model.warehouses.toSorted((one, other) => score(other) - score(one));
}

function allocate(start: Model, lines: readonly Line[], warehouses: Model["warehouses"]) {
  let model = start;
  const allocations: Allocation[] = [];
  for (const { lineId, sku, quantity } of lines) {
    let missing = quantity;
    for (const { code, country } of warehouses) {
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
