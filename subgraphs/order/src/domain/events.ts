import type { Allocation, EventData, EventType } from "@shop/events";
import { refOf } from "@shop/values";
import type { Canceller } from "./message.ts";
import { holdsParcels, type Order } from "./order.ts";

/** An event before its version is assigned. */
export type OutgoingEvent = {
  [T in EventType]: { type: T; data: EventData<T> };
}[EventType];

/** Of the order in its present state; later attempts to pay travel in PaymentRequested. */
export function orderInitiated({ id, lines, totals, address, progress, flashSale }: Order) {
  const { attempt, paymentToken } = progress;
  const data = { orderId: id, lines, totals, address: { country: address.country } };
  // Also of a reminder: the criterion is whether any attempt to pay was begun.
  const isUnpaid = attempt === 0 ? { isUnpaid: true } : {};
  const token = attempt === 1 ? paymentToken : null;
  return emit("OrderInitiated", { ...data, ...isUnpaid, ...flashPart(flashSale), paymentToken: token });
}

function flashPart(flashSale: Order["flashSale"]) {
  return flashSale && { flashSale: { ticketId: flashSale.ticketId, lineId: flashSale.lineId } };
}

/** An order that had given its stock back requests it anew. */
export function stockRequested({ id, lines, address, progress, flashSale }: Order) {
  const { stockTurn: turn = 1 } = progress;
  const data = { orderId: id, turn, lines, address: { country: address.country } };
  return emit("StockRequested", { ...data, ...flashPart(flashSale) });
}

export function stockYielded({ id, progress: { stockTurn: turn = 1 } }: Order) {
  return emit("StockYielded", { orderId: id, turn });
}

export function paymentRequested({ id, totals: { total } }: Order, attempt: number, paymentToken: string) {
  return emit("PaymentRequested", { orderId: id, attempt, paymentToken, total });
}

export function orderPaid({ id }: Order, paymentId: string) {
  return emit("OrderPaid", { orderId: id, paymentId });
}

/** The facts by which inventory sells, cart removes the bought lines, and shipping sends. */
export function orderConfirmed(
  { id, customerId, cartId, lines, address, shippingOptionId }: Order,
  allocations: Allocation[],
) {
  const data = { orderId: id, customerId, cartRef: refOf(cartId), lines, allocations };
  return emit("OrderConfirmed", { ...data, address, shippingOptionId });
}

export function orderConfirmationFailed({ id }: Order, reason: string) {
  return emit("OrderConfirmationFailed", { orderId: id, reason });
}

export function orderRejected({ id }: Order, reason: string) {
  return emit("OrderRejected", { orderId: id, reason });
}

export function orderCancelled({ id }: Order, reason: string, by: Canceller) {
  return emit("OrderCancelled", { orderId: id, reason, by });
}

export function orderExpired({ id }: Order) {
  return emit("OrderExpired", { orderId: id });
}

/** Shipping answers with ShipmentCalledOff, which cancels the order, or with the state of its parcels. */
export function orderRecalled({ id }: Order) {
  return emit("OrderRecalled", { orderId: id, reason: refundReason, request: `refunded ${id}` });
}

/** The reason of a cancel after a full refund at the provider. */
export const refundReason = "The payment was refunded.";

export function orderHoldChanged(order: Order) {
  return emit("OrderHoldChanged", { orderId: order.id, isHeld: holdsParcels(order) });
}

export function shipmentAwaited(order: Order) {
  return emit("ShipmentAwaited", { orderId: order.id, isHeld: holdsParcels(order) });
}

function emit<T extends EventType>(type: T, data: EventData<T>): OutgoingEvent {
  return { type, data } as OutgoingEvent;
}
