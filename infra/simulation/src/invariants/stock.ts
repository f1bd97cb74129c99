import { available } from "@shop/inventory/reference-model";
import { isEnded, type Order } from "@shop/order/domain";
import type { Shop } from "../shop.ts";

/** I4 and I5: a sold order has its lines reserved exactly, and an ended one nothing. */
export function stockAgrees(shop: Shop, order: Order): string[] {
  const { id, status, progress } = order;
  const reservation = shop.stock().reservations.get(id);
  if (reservation?.status === "RESERVED") return [`I4 ${id} is ${status}, and stock is reserved`];
  if (isEnded(order)) {
    const found = reservation?.status === "SOLD" ? [`I4 ${id} ended, and is sold`] : [];
    if (progress.stock.status === "RESERVED")
      found.push(`I4 ${id} has ended, and believes that it has stock`);
    return found;
  }
  if (reservation?.status !== "SOLD") return [`I4 ${id} is ${status}, and isn't sold`];
  return order.lines.flatMap(({ lineId, quantity }) => {
    const held = reservation.allocations.filter((part) => part.lineId === lineId);
    const units = held.reduce((sum, part) => sum + part.quantity, 0);
    return units === quantity ? [] : [`I5 ${lineId} has ${units} of ${quantity}`];
  });
}

/** I1 and I4, at any moment: no SKU is oversold, no unit is lost, and every reserved unit belongs to an order. */
export function stockAddsUp(shop: Shop, unitsAtFirst: number): string[] {
  const found: string[] = [];
  const held = new Map<string, number>();
  for (const reservation of shop.stock().reservations.values()) {
    if (reservation.status !== "RESERVED" && reservation.status !== "SOLD") continue;
    for (const { sku, warehouseCode, quantity } of reservation.allocations) {
      const key = `${reservation.status} ${sku} ${warehouseCode}`;
      held.set(key, (held.get(key) ?? 0) + quantity);
    }
  }
  let units = 0;
  for (const { sku, places } of shop.stock().items.values()) {
    for (const [code, { onHand, reserved, sold }] of places) {
      units += onHand + sold;
      if (Math.min(onHand, reserved, sold, onHand - reserved) < 0) found.push(`I1 ${sku} is oversold`);
      const [promised, taken] = ["RESERVED", "SOLD"].map((is) => held.get(`${is} ${sku} ${code}`) ?? 0);
      if (reserved !== promised)
        found.push(`I4 ${reserved} of ${sku} are reserved in ${code}, for ${promised}`);
      if (sold !== taken) found.push(`I4 ${sold} of ${sku} are sold in ${code}, for ${taken}`);
    }
  }
  if (units !== unitsAtFirst) found.push(`I1 ${units} units of ${unitsAtFirst} are left`);
  return found;
}

/** I16: the last StockChanged of a SKU has the units that can be bought of it. */
export function stockIsKnown(shop: Shop): string[] {
  const lastStock = new Map(
    shop.published.flatMap((event) =>
      event.type === "StockChanged" ? [[event.data.sku, event.data] as const] : [],
    ),
  );
  return [...shop.stock().items.values()].flatMap((item) => {
    const last = lastStock.get(item.sku);
    if (!last && item.version === 0) return [];
    const isKnown = last?.available === available(item) && last.version === item.version;
    return isKnown
      ? []
      : [`I16 of ${item.sku} ${last?.available} are published, ${available(item)} can be bought`];
  });
}

/** The number of all units, sold ones included. */
export function unitsOf(shop: Shop): number {
  return [...shop.stock().items.values()]
    .flatMap(({ places }) => [...places.values()])
    .reduce((sum, { onHand, sold }) => sum + onHand + sold, 0);
}
