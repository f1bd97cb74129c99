import type { Allocation, EventData, NewEvent, ShopEvent, StockState } from "@shop/events";
import type { SkuLevel, Share } from "./hold-unpaid.ts";

/** What one warehouse has of one SKU. `onHand` holds what is promised; what was sold has left it. */
export type Place = { onHand: number; reserved: number; sold: number };

/** A SKU: whose it is, how often what can be bought of it has changed, and what each warehouse has. */
export type Item = {
  sku: string;
  variantId: string;
  productId: string;
  version: number;
  places: ReadonlyMap<string, Place>;
};

/** What an order has of the stock, with what was answered, to be answered again when order asks again. */
export type Reservation = { version: number; turn?: number } &
  /** `share`: which kind of held units these count as; null for units that are held only while they are being paid. */
  (
    | { status: "RESERVED"; allocations: Allocation[]; share?: Share | null }
    /** Given back while the order stays payable: a later turn may reserve anew. */
    | { status: "YIELDED" }
    | { status: "SOLD"; allocations: Allocation[]; mayBeHeld?: boolean }
    /** `wasSold` is null for the mark that keeps a late reservation out. */
    | { status: "RELEASED"; wasSold: boolean | null }
    | { status: "FAILED"; shortages: Shortages }
  );

/** The lines that could not be had. */
export type Shortages = EventData<"InventoryReservationFailed">["shortages"];

/**
 * All of inventory's state. The truth is decided in SQL (`migrations/002-reserve-sell-release.sql`); this is the same
 * in plain sight, against which the SQL is tested and with which the simulation runs.
 */
export type Model = {
  /** Whoever stands first sends when nothing else speaks for a warehouse. */
  warehouses: readonly { code: string; country: string }[];
  items: ReadonlyMap<string, Item>;
  reservations: ReadonlyMap<string, Reservation>;
};

/** What inventory handlers of orders. */
export type OrderNews = ShopEvent<
  | "OrderInitiated"
  | "StockYielded"
  | "StockRequested"
  | "OrderConfirmed"
  | "OrderRejected"
  | "OrderCancelled"
  | "OrderExpired"
  | "OrderConfirmationFailed"
>;

/** What became of it: the state after, what is told, and in one word why nothing is. */
export type Step = {
  model: Model;
  events: NewEvent[];
  outcome: "done" | "ignored" | "parked";
  reason?: string;
};

/** Nothing has changed, and why. */
export function unchanged(model: Model, outcome: "ignored" | "parked", reason: string): Step {
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

/** Units that can be bought, over all warehouses. */
export function available(item: Item): number {
  return item.places.values().reduce((sum, place) => sum + place.onHand - place.reserved, 0);
}

/** What of a SKU is free, and what is held for orders that nobody is paying. */
export function levelOf({ items, reservations }: Model, sku: string): SkuLevel {
  const item = items.get(sku);
  const level = { free: item ? available(item) : 0, unpaid: 0, keepable: 0 };
  for (const held of reservations.values()) {
    if (held.status !== "RESERVED" || !held.share) continue;
    for (const part of held.allocations) if (part.sku === sku) level[held.share] += part.quantity;
  }
  return level;
}

/** What the others are told of an item. */
export function stockState(item: Item): StockState {
  const { sku, variantId, productId, version } = item;
  return { sku, variantId, productId, version, available: available(item) };
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

/** The model with the versions of these SKUs raised, and the SKUs as they now stand, in order. */
export function tellStock(model: Model, skus: Iterable<string>): { model: Model; stock: StockState[] } {
  const items = new Map(model.items);
  const stock = [...new Set(skus)].sort().flatMap((sku) => {
    const item = items.get(sku);
    if (!item) return [];
    const raised = { ...item, version: item.version + 1 };
    items.set(sku, raised);
    return [stockState(raised)];
  });
  return { model: { ...model, items }, stock };
}

/** The model with what an order has of the stock. */
export function withReservation(model: Model, orderId: string, reservation: Reservation): Model {
  return { ...model, reservations: new Map(model.reservations).set(orderId, reservation) };
}
