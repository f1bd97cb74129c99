import { isEnded, type Order, type TimelineType } from "@shop/order/domain";
import type { Shipment } from "@shop/shipping/domain";
import type { Shop } from "./shop.ts";

/** What is wrong with a shop that has come to rest, each with the invariant's name from the semantics; empty when all holds. */
export function violations(shop: Shop): string[] {
  return [...shop.orders.values()].flatMap((order) => [
    ...endsOnce(shop, order),
    ...moneyAgrees(shop, order),
    ...stockAgrees(shop, order),
    ...timelineIsWhole(shop, order),
    ...shipsOnlyConfirmed(shop, order),
  ]);
}

const ends = new Set<Order["status"]>(["REJECTED", "CANCELLED", "EXPIRED", "DELIVERED"]);

const isSold = ({ status }: Order) =>
  status === "CONFIRMED" || status === "SHIPPED" || status === "DELIVERED";

/** I2 and I10: one end, never left again, and nobody owes the order anything any more. */
function endsOnce({ timelines }: Shop, order: Order): string[] {
  const { id, status, progress } = order;
  const found: string[] = [];
  const ways = (timelines.get(id) ?? []).map((row) => row.status);
  const end = ways.find((way) => ends.has(way));
  if (end && ways.slice(ways.indexOf(end)).some((way) => way !== end)) {
    found.push(`I2 ${id} came back from ${end}: ${ways.join(" ")}`);
  }
  if (!isEnded(order) && !isSold(order)) found.push(`I2 ${id} rests as ${status}`);
  // Parcels take days, and are asked for every day.
  const isUnderWay = status === "SHIPPED" || (status === "CONFIRMED" && progress.shipments.length > 0);
  if (progress.remindAt !== null && !isUnderWay) found.push(`I10 ${id} (${status}) still waits for somebody`);
  return found;
}

/** I3 and I13: the bank has what the order is worth, or nothing; and it has nothing that we don't know of. */
function moneyAgrees({ bank, payments }: Shop, order: Order): string[] {
  const found: string[] = [];
  const intents = [...bank.intents.values()].filter(({ orderId }) => orderId === order.id);
  const captured = intents.reduce(
    (sum, { status, amount }) => sum + (status === "succeeded" ? amount : 0),
    0,
  );
  const refunded = intents.reduce((sum, intent) => sum + intent.refunded, 0);
  const expected = isSold(order) ? order.totals.total.amount : 0;
  if (captured - refunded !== expected) {
    found.push(`I3 ${order.id} is ${order.status}, and ${captured - refunded} of ${expected} was taken`);
  }
  if (intents.some(({ status }) => status === "requires_capture")) {
    found.push(`I3 ${order.id} is ${order.status}, and an authorisation is open`);
  }
  const payment = payments.get(order.id);
  for (const { id } of intents) {
    if (payment?.intentId !== id && !payment?.pastIntents.includes(id)) found.push(`I13 ${id} is not ours`);
  }
  return found;
}

/** I4 and I5: what is held for an order is exactly its lines, and nothing once it has ended. */
function stockAgrees(shop: Shop, order: Order): string[] {
  const reservation = shop.stock().reservations.get(order.id);
  if (reservation?.status === "RESERVED") return [`I4 ${order.id} is ${order.status}, and stock is reserved`];
  if (isEnded(order)) return reservation?.status === "SOLD" ? [`I4 ${order.id} ended, and is sold`] : [];
  if (reservation?.status !== "SOLD") return [`I4 ${order.id} is ${order.status}, and isn't sold`];
  return order.lines.flatMap(({ lineId, quantity }) => {
    const held = reservation.allocations.filter((part) => part.lineId === lineId);
    const units = held.reduce((sum, part) => sum + part.quantity, 0);
    return units === quantity ? [] : [`I5 ${lineId} has ${units} of ${quantity}`];
  });
}

/** What an order that has ended never tells of. */
const contradictions = new Set<TimelineType>([
  "ORDER_CONFIRMED",
  "SHIPMENT_SCHEDULED",
  "SHIPMENT_FAILED",
  "ORDER_CANCELLED",
  "ORDER_EXPIRED",
]);

/** I7, I8 and I11: no event acts twice, the counters have no gap, the last row tells where the order stands, and each has a cause that happened. */
function timelineIsWhole({ timelines, said }: Shop, order: Order): string[] {
  const rows = timelines.get(order.id) ?? [];
  const found: string[] = [];
  if (rows.some(({ counter }, at) => counter !== at + 1)) found.push(`I8 ${order.id} has a gap`);
  if (rows.at(-1)?.status !== order.status || rows.length !== order.counter) {
    found.push(`I8 ${order.id} is ${order.status}, and its timeline ends with ${rows.at(-1)?.status}`);
  }
  const afterItsEnd = rows.filter(({ status }) => ends.has(status) && status !== "DELIVERED").slice(1);
  for (const { type } of afterItsEnd) {
    if (contradictions.has(type)) found.push(`I11 ${order.id} has ended, and then tells of ${type}`);
  }
  const ids = new Set(said.map(({ id }) => id));
  const effects = rows.filter(({ causationId }) => causationId !== null);
  if (new Set(effects.map(({ causationId, type }) => `${causationId} ${type}`)).size < effects.length) {
    found.push(`I7 an event had its effect on ${order.id} twice`);
  }
  const uncaused = rows.filter(({ causationId }) => causationId !== null && !ids.has(causationId));
  if (uncaused.length > 0) found.push(`I11 ${order.id} has rows without a cause`);
  for (const { type, id, causationId, sagaId } of said) {
    if (sagaId === order.id && causationId && !ids.has(causationId))
      found.push(`I11 ${type} ${id} has no cause`);
  }
  return found;
}

/** I9: a parcel only for what was confirmed; what ended sends none, and what has left was neither paid back nor restocked. */
function shipsOnlyConfirmed(shop: Shop, order: Order): string[] {
  const { shipping, said } = shop;
  const parcels = shipping.parcels(order.id);
  const wasConfirmed = said.some(({ type, sagaId }) => type === "OrderConfirmed" && sagaId === order.id);
  const found: string[] = [];
  if (parcels.length > 0 && !wasConfirmed) found.push(`I9 ${order.id} ships unconfirmed`);
  if (isSold(order) && parcels.length === 0) found.push(`I9 ${order.id} is ${order.status} without a parcel`);
  if (isEnded(order) && parcels.some(({ status }) => status !== "CANCELLED")) {
    found.push(`I9 ${order.id} is ${order.status}, and a parcel waits to leave, or has left`);
  }
  const left = parcels.filter(({ id }) => shipping.departed.has(id));
  if (left.some(({ status }) => status === "CANCELLED"))
    found.push(`I9 ${order.id} called off what had left`);
  const isRestocked = shop.stock().reservations.get(order.id)?.status !== "SOLD";
  if (left.length > 0 && isRestocked) found.push(`I9 ${order.id} has restocked what had left`);
  return [...found, ...parcelsAgree(order, parcels)];
}

/** I6: order knows where its parcels are, also after news of them got lost. */
function parcelsAgree({ id, status, progress }: Order, parcels: Shipment[]): string[] {
  if (status !== "CONFIRMED" && status !== "SHIPPED" && status !== "DELIVERED") return [];
  const known = new Map(progress.shipments.map((one) => [one.shipmentId, one.status]));
  return parcels
    .filter((one) => known.get(one.id) !== one.status)
    .map((one) => `I6 ${one.id} is ${one.status}, and ${id} believes ${known.get(one.id)}`);
}

/** I1, at any moment: nothing is oversold, and every unit is somewhere. */
export function stockAddsUp(shop: Shop, unitsAtFirst: number): string[] {
  const found: string[] = [];
  let units = 0;
  for (const { sku, places } of shop.stock().items.values()) {
    for (const { onHand, reserved, sold } of places.values()) {
      units += onHand + sold;
      if (Math.min(onHand, reserved, sold, onHand - reserved) < 0) found.push(`I1 ${sku} is oversold`);
    }
  }
  if (units !== unitsAtFirst) found.push(`I1 ${units} units of ${unitsAtFirst} are left`);
  return found;
}

/** All units that there are. */
export function unitsOf(shop: Shop): number {
  return [...shop.stock().items.values()]
    .flatMap(({ places }) => [...places.values()])
    .reduce((sum, { onHand, sold }) => sum + onHand + sold, 0);
}
