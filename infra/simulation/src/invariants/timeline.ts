import type { EventType } from "@shop/events";
import { isEnded, type Order, type TimelineRow, type TimelineType } from "@shop/order/domain";
import type { Shop } from "../shop.ts";
import { terminalStates } from "./terminal-states.ts";

/** Rows that never follow the end of an order. */
const contradictions = new Set<TimelineType>([
  "ORDER_CONFIRMED",
  "SHIPMENT_SCHEDULED",
  "SHIPMENT_FAILED",
  "ORDER_CANCELLED",
  "ORDER_EXPIRED",
]);

/** Steps that order shows as a row and publishes as an event at once. */
const publishedRows: [TimelineType, EventType][] = [
  ["ORDER_INITIATED", "OrderInitiated"],
  ["ORDER_CONFIRMED", "OrderConfirmed"],
  ["ORDER_CONFIRMATION_FAILED", "OrderConfirmationFailed"],
  ["ORDER_CANCELLED", "OrderCancelled"],
  ["ORDER_EXPIRED", "OrderExpired"],
];

/** Events of other services that order shows whenever they come. */
const shown: [EventType, TimelineType][] = [
  ["InventoryReserved", "INVENTORY_RESERVED"],
  ["InventoryReservationFailed", "INVENTORY_RESERVATION_FAILED"],
  ["InventoryReleased", "INVENTORY_RELEASED"],
  ["PaymentActionRequired", "PAYMENT_ACTION_REQUIRED"],
  ["PaymentProcessed", "PAYMENT_PROCESSED"],
  ["PaymentFailed", "PAYMENT_FAILED"],
  ["PaymentRefunded", "PAYMENT_REFUNDED"],
];

/** I7, I8 and I11: every step is shown, published and caused, once, and the last row has the order's status. */
export function timelineIsWhole(shop: Shop, order: Order, isReliable: boolean): string[] {
  const { timelines, published } = shop;
  const rows = timelines.get(order.id) ?? [];
  const found: string[] = [];
  if (rows.some(({ counter }, at) => counter !== at + 1)) found.push(`I8 ${order.id} has a gap`);
  if (rows.at(-1)?.status !== order.status || rows.length !== order.counter) {
    found.push(`I8 ${order.id} is ${order.status}, and its timeline ends with ${rows.at(-1)?.status}`);
  }
  const afterItsEnd = rows
    .filter(({ status }) => terminalStates.has(status) && status !== "DELIVERED")
    .slice(1);
  for (const { type } of afterItsEnd) {
    if (contradictions.has(type)) found.push(`I11 ${order.id} has ended, and then shows ${type}`);
  }
  const ids = new Set(published.map(({ id }) => id));
  const effects = rows.filter(({ causationId }) => causationId !== null);
  if (new Set(effects.map(({ causationId, type }) => `${causationId} ${type}`)).size < effects.length) {
    found.push(`I7 an event had its effect on ${order.id} twice`);
  }
  const uncaused = rows.filter(({ causationId }) => causationId !== null && !ids.has(causationId));
  if (uncaused.length > 0) found.push(`I11 ${order.id} has rows without a cause`);
  for (const { type, id, causationId, sagaId } of published) {
    if (sagaId === order.id && causationId && !ids.has(causationId))
      found.push(`I11 ${type} ${id} has no cause`);
  }
  return [
    ...found,
    ...stepsArePublished(shop, order, rows),
    ...(isReliable ? allIsShown(shop, order, rows) : []),
  ];
}

/** I11: the steps that are shown are the steps that are published, in the order in which they can happen. */
function stepsArePublished({ monitor }: Shop, order: Order, rows: TimelineRow[]): string[] {
  const { id, status } = order;
  const has = (type: TimelineType) => rows.some((row) => row.type === type);
  const at = (type: TimelineType) => rows.findIndex((row) => row.type === type);
  const found = publishedRows
    .filter(([row, event]) => has(row) !== monitor.hasPublished(id, event))
    .map(([row, event]) => `I11 of ${row} and ${event}, ${id} has only one`);
  if ((status === "REJECTED") !== monitor.hasPublished(id, "OrderRejected")) {
    found.push(
      `I11 ${id} is ${status}, and OrderRejected was ${status === "REJECTED" ? "never " : ""}published`,
    );
  }
  const wasPaid = rows.some((row) => row.status === "PAID") || monitor.hasPublished(id, "OrderPaid");
  if (wasPaid && !monitor.hasPublished(id, "PaymentProcessed") && !monitor.wins.has(id))
    found.push(`I11 ${id} was PAID without a payment`);
  if (
    has("ORDER_CONFIRMED") &&
    (at("PAYMENT_PROCESSED") < 0 || at("PAYMENT_PROCESSED") > at("ORDER_CONFIRMED"))
  ) {
    found.push(`I11 ${id} was confirmed before it was paid`);
  }
  if (monitor.wins.has(id) && !has("PAYMENT_PROCESSED"))
    found.push(`I11 ${id} was won, and shows no payment`);
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

/** I6: with no event lost, all events of an order are on its timeline. */
function allIsShown({ monitor }: Shop, order: Order, rows: TimelineRow[]): string[] {
  const { id, progress } = order;
  const missing = shown
    .filter(([event, row]) => monitor.hasPublished(id, event) && !rows.some(({ type }) => type === row))
    .map(([event]) => `I6 ${event} was published, and ${id} doesn't show it`);
  const hasParcels = !isEnded(order) && monitor.hasPublished(id, "ShipmentScheduled");
  if (hasParcels && progress.shipments.length === 0) missing.push(`I6 ${id} doesn't know of its parcels`);
  return missing;
}
