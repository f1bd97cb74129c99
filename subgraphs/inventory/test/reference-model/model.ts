import type { NewEvent, ShopEvent, StockState } from "@shop/events";
import type { Reservation } from "../../src/domain/reservation.ts";
import type { SkuLevel } from "../../src/domain/unpaid-unit-limits.ts";

/** The stock of one SKU in one warehouse. `onHand` includes reserved units; sold units have left it. */
export type Place = { onHand: number; reserved: number; sold: number };

/** A SKU: its variant and product, its stock by warehouse, and how often its available units have changed. */
export type Item = {
  sku: string;
  variantId: string;
  productId: string;
  version: number;
  places: ReadonlyMap<string, Place>;
};

/**
 * All of inventory's state, as a reference model. Production decides in SQL (`migrations/repeatable`); tests compare the SQL
 * with this model, and the simulation runs the model.
 */
export type Model = {
  /** In order of rank, the tie-break between warehouses. */
  warehouses: readonly { code: string; country: string }[];
  items: ReadonlyMap<string, Item>;
  reservations: ReadonlyMap<string, Reservation>;
};

/** The events of an order that inventory subscribes to. */
export type OrderEvent = ShopEvent<
  | "OrderInitiated"
  | "StockYielded"
  | "StockRequested"
  | "OrderConfirmed"
  | "OrderRejected"
  | "OrderCancelled"
  | "OrderExpired"
  | "OrderConfirmationFailed"
>;

/** A decision: the next model and the events, or in one word why there are none. */
export type Decision = {
  model: Model;
  events: NewEvent[];
  outcome: "done" | "ignored" | "parked";
  reason?: string;
};

/** A decision without events, and why. */
export function withoutEvents(model: Model, outcome: "ignored" | "parked", reason: string): Decision {
  return { model, events: [], outcome, reason };
}

/** A model with these warehouses and SKUs, all empty. */
export function emptyModel(
  warehouses: Model["warehouses"],
  items: readonly Pick<Item, "sku" | "variantId" | "productId">[],
): Model {
  const places = () => new Map(warehouses.map(({ code }) => [code, { onHand: 0, reserved: 0, sold: 0 }]));
  return {
    warehouses,
    items: new Map(items.map((item) => [item.sku, { ...item, version: 0, places: places() }])),
    reservations: new Map(),
  };
}

/** Available units of a SKU, over all warehouses. */
export function available(item: Item): number {
  return item.places.values().reduce((sum, place) => sum + place.onHand - place.reserved, 0);
}

/** Units of a SKU that are free, and those held for orders that are not being paid. */
export function levelOf({ items, reservations }: Model, sku: string): SkuLevel {
  const item = items.get(sku);
  const level = { free: item ? available(item) : 0, unpaid: 0, keepable: 0 };
  for (const held of reservations.values()) {
    if (held.status !== "RESERVED" || !held.share) continue;
    for (const part of held.allocations) if (part.sku === sku) level[held.share] += part.quantity;
  }
  return level;
}

/** The model with one warehouse's stock of a SKU changed. */
export function withPlace(
  model: Model,
  sku: string,
  warehouseCode: string,
  change: (was: Place) => Place,
): Model {
  const item = model.items.get(sku);
  const was = item?.places.get(warehouseCode);
  if (!item || !was) throw new Error(`no stock of ${sku} in ${warehouseCode}`);
  const places = new Map(item.places).set(warehouseCode, change(was));
  return { ...model, items: new Map(model.items).set(sku, { ...item, places }) };
}

/** The model with the versions of these SKUs raised, and their stock for StockChanged, in order of SKU. */
export function raiseVersions(model: Model, skus: Iterable<string>): { model: Model; stock: StockState[] } {
  const items = new Map(model.items);
  const stock = [...new Set(skus)].sort().flatMap((sku) => {
    const item = items.get(sku);
    if (!item) return [];
    const version = item.version + 1;
    items.set(sku, { ...item, version });
    const { variantId, productId } = item;
    return [{ sku, variantId, productId, version, available: available(item) }];
  });
  return { model: { ...model, items }, stock };
}

/** The model with an order's reservation written. */
export function withReservation(model: Model, orderId: string, reservation: Reservation): Model {
  return { ...model, reservations: new Map(model.reservations).set(orderId, reservation) };
}
