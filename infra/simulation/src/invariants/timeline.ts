import type { EventType } from "@shop/events";
import { isEnded, type Order, type TimelineRow, type TimelineType } from "@shop/order/domain";
import type { Shop } from "../shop.ts";
import { ends } from "./ends.ts";

/** What an order that has ended never tells of. */
const contradictions = new Set<TimelineType>([
  "ORDER_CONFIRMED",
  "SHIPMENT_SCHEDULED",
  "SHIPMENT_FAILED",
  "ORDER_CANCELLED",
  "ORDER_EXPIRED",
]);

/** What order shows and tells in one. */
const told: [TimelineType, EventType][] = [
  ["ORDER_INITIATED", "OrderInitiated"],
  ["ORDER_CONFIRMED", "OrderConfirmed"],
  ["ORDER_CONFIRMATION_FAILED", "OrderConfirmationFailed"],
  ["ORDER_CANCELLED", "OrderCancelled"],
  ["ORDER_EXPIRED", "OrderExpired"],
];

/** What others tell, and order shows whenever it comes. */
const shown: [EventType, TimelineType][] = [
  ["InventoryReserved", "INVENTORY_RESERVED"],
  ["InventoryReservationFailed", "INVENTORY_RESERVATION_FAILED"],
  ["InventoryReleased", "INVENTORY_RELEASED"],
  ["PaymentActionRequired", "PAYMENT_ACTION_REQUIRED"],
  ["PaymentProcessed", "PAYMENT_PROCESSED"],
  ["PaymentFailed", "PAYMENT_FAILED"],
  ["PaymentRefunded", "PAYMENT_REFUNDED"],
];

/** I7, I8 and I11: every step is shown, told and caused, once, and the last row tells where the order stands. */
export function timelineIsWhole(shop: Shop, order: Order, isReliable: boolean): string[] {
  const { timelines, said } = shop;
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
  return [...found, ...stepsAreTold(shop, order, rows), ...(isReliable ? allIsShown(shop, order, rows) : [])];
}

/** I11: what is shown was told to the others, and the other way round, in the order in which it can happen. */
function stepsAreTold({ watch }: Shop, order: Order, rows: TimelineRow[]): string[] {
  const { id, status } = order;
  const has = (type: TimelineType) => rows.some((row) => row.type === type);
  const at = (type: TimelineType) => rows.findIndex((row) => row.type === type);
  const found = told
    .filter(([row, event]) => has(row) !== watch.hasSaid(id, event))
    .map(([row, event]) => `I11 of ${row} and ${event}, ${id} has only one`);
  if ((status === "REJECTED") !== watch.hasSaid(id, "OrderRejected")) {
    found.push(`I11 ${id} is ${status}, and OrderRejected was ${status === "REJECTED" ? "never " : ""}said`);
  }
  const wasPaid = rows.some((row) => row.status === "PAID") || watch.hasSaid(id, "OrderPaid");
  if (wasPaid && !watch.hasSaid(id, "PaymentProcessed")) found.push(`I11 ${id} was PAID by nobody`);
  if (
    has("ORDER_CONFIRMED") &&
    (at("PAYMENT_PROCESSED") < 0 || at("PAYMENT_PROCESSED") > at("ORDER_CONFIRMED"))
  ) {
    found.push(`I11 ${id} was confirmed before it was paid`);
  }
  const stands: [TimelineType, Order["status"]][] = [
    ["ORDER_CONFIRMED", "CONFIRMED"],
    ["ORDER_CANCELLED", "CANCELLED"],
    ["ORDER_EXPIRED", "EXPIRED"],
  ];
  const isStated = rows.every((row) => stands.every(([type, is]) => row.type !== type || row.status === is));
  if (!isStated) found.push(`I11 ${id} shows a step with another status`);
  const causeless = rows.filter((row) =>
    shown.some(([, type]) => type === row.type && row.causationId === null),
  );
  return [...found, ...causeless.map(({ type }) => `I11 ${type} of ${id} has no cause`)];
}

/** I6: with no event lost, all that was told of an order is on its timeline. */
function allIsShown({ watch }: Shop, order: Order, rows: TimelineRow[]): string[] {
  const { id, progress } = order;
  const missing = shown
    .filter(([event, row]) => watch.hasSaid(id, event) && !rows.some(({ type }) => type === row))
    .map(([event]) => `I6 ${event} was said, and ${id} doesn't show it`);
  const hasParcels = !isEnded(order) && watch.hasSaid(id, "ShipmentScheduled");
  if (hasParcels && progress.shipments.length === 0) missing.push(`I6 ${id} doesn't know of its parcels`);
  return missing;
}
