import { isEnded, type Order } from "@shop/order/domain";
import type { Shop } from "../shop.ts";
import { isSold } from "./terminal-states.ts";

/**
 * I3 and I13: bank, payment and order agree that the shop has what the order is worth, or nothing; nothing is open or
 * unknown. A payment that has lost an order's end, and holds no money, may stay as it is: the customer is owed nothing.
 */
export function moneyAgrees(shop: Shop, order: Order, isReliable: boolean): string[] {
  const { id, status } = order;
  const found: string[] = [];
  const intents = [...shop.bank.intents.values()].filter(({ orderId }) => orderId === id);
  const captured = intents.reduce((sum, one) => sum + (one.status === "succeeded" ? one.amount : 0), 0);
  const refunded = intents.reduce((sum, intent) => sum + intent.refunded, 0);
  const expected = isSold(order) ? order.totals.total.amount : 0;
  if (captured - refunded !== expected) {
    found.push(`I3 ${id} is ${status}, and ${captured - refunded} of ${expected} was taken`);
  }
  for (const intent of intents) {
    const isClosed = intent.status === "succeeded" || intent.status === "canceled";
    if (!isClosed && (isReliable || intent.status === "requires_capture"))
      found.push(`I3 ${id} is ${status}, and ${intent.id} at the bank is ${intent.status}`);
  }
  const payment = shop.payments.get(id);
  for (const intent of intents) {
    if (payment?.intentId !== intent.id && !payment?.pastIntents.includes(intent.id)) {
      found.push(`I13 ${intent.id} is not ours`);
    }
  }
  const books = booksAgree(shop, order, { captured, refunded });
  return [...found, ...books, ...(isReliable ? nothingIsKept(shop, order) : [])];
}

/** The states of payment and order agree with the bank. */
function booksAgree(shop: Shop, order: Order, bank: { captured: number; refunded: number }): string[] {
  const { id, status, progress } = order;
  const payment = shop.payments.get(id);
  const found: string[] = [];
  const wasPaid = (shop.timelines.get(id) ?? []).some(({ type }) => type === "PAYMENT_PROCESSED");
  const money = isSold(order) ? "CAPTURED" : wasPaid ? "RETURNED" : progress.money;
  if (progress.money !== money) found.push(`I3 ${id} is ${status}, and its money is ${progress.money}`);
  if (progress.paymentToken !== null) found.push(`I3 ${id} is ${status}, and keeps its payment token`);
  if (!payment) return found;
  if (payment.refunded !== bank.refunded) {
    found.push(`I3 payment has refunded ${payment.refunded} of ${id}, the bank ${bank.refunded}`);
  }
  if ((payment.status === "CAPTURED" || payment.status === "REFUNDED") !== bank.captured > 0) {
    found.push(`I3 the payment of ${id} is ${payment.status}, and the bank took ${bank.captured}`);
  }
  return found;
}

/** Payment knows that the order has ended, or was bought, and keeps nothing that could be used again. */
function nothingIsKept(shop: Shop, order: Order): string[] {
  const { id, status } = order;
  const payment = shop.payments.get(id);
  if (!payment) return [];
  const found: string[] = [];
  const rests = isEnded(order)
    ? ["CANCELLED", "VOIDED", "REFUNDED"]
    : isSold(order)
      ? ["CAPTURED"]
      : [payment.status];
  if (!rests.includes(payment.status)) found.push(`I3 ${id} is ${status}, its payment ${payment.status}`);
  if (isEnded(order) !== (payment.ended !== null)) {
    found.push(`I3 ${id} is ${status}, and payment takes it for ${payment.ended ?? "open"}`);
  }
  if (payment.token !== null || payment.next !== null || payment.clientSecret !== null) {
    found.push(`I3 the payment of ${id} keeps what it no longer needs`);
  }
  return found;
}
