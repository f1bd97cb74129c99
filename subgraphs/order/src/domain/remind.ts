import { ignored, type Ignored } from "@shop/events";
import { confirmation, stockRequest } from "./advance.ts";
import { expireOrder } from "./expire-order.ts";
import { recall } from "./refund-at-provider.ts";
import { isHeld, type Order } from "./order.ts";
import { initiation } from "./place-order.ts";
import { request } from "./pay-order.ts";
import { type At, say, type Saying, type Step } from "./transition.ts";

const firstReminderMs = 30_000;
const lastReminderMs = 3_600_000;
/** Parcels take days; whoever has lost their news finds out after one. */
const parcelsReminderMs = 24 * 3_600_000;

/** When the others are told again what they owe the order an answer to; null once it rests. */
export function nextReminder(order: Order, now: Date): Date | null {
  const owes = owed(order);
  if (owes.length === 0) return null;
  const isOfParcels = owes.some(({ type }) => type === "ShipmentAwaited");
  const doublingMs = Math.min(firstReminderMs * 2 ** order.progress.reminders, lastReminderMs);
  const afterMs = isOfParcels ? parcelsReminderMs : doublingMs;
  return new Date(now.getTime() + afterMs);
}

/** The watchdog's word: what was said last is said again, under a fresh id; whoever has acted on it answers again. */
export function remindOthers(order: Order, at: At): Step | Ignored {
  const { remindAt } = order.progress;
  if (remindAt === null || at.now < remindAt) return ignored("NOT_DUE");
  // A row of a release whose orders waited for their stock without an end.
  if (order.status === "CREATED" && order.expiresAt <= at.now) return expireOrder(order, at);
  return { to: order, shows: [], says: owed(order) };
}

function awaited(order: Order): Saying {
  return say("ShipmentAwaited", { orderId: order.id, isHeld: isHeld(order) });
}

function owed(order: Order): Saying[] {
  const { stock, money, paymentId, attempt, paymentToken, shipments } = order.progress;
  const ref = { orderId: order.id };
  const holdsStock = stock.is === "RESERVED";
  const holdsMoney = money === "AUTHORISED" || money === "CAPTURED";
  switch (order.status) {
    case "CREATED": {
      const again = attempt > 1 && paymentToken !== null ? [request(order, attempt, paymentToken)] : [];
      return [initiation(order), ...again];
    }
    case "AWAITING_PAYMENT":
      // Paid, and waiting for the stock that it had given back.
      if (stock.is === "ASKED") return [stockRequest(order)];
      // Without a token it is the customer's turn; with one, payment still owes the outcome of the latest attempt.
      if (paymentToken === null) return [];
      return [attempt > 1 ? request(order, attempt, paymentToken) : initiation(order)];
    case "PAID":
      return paymentId === null ? [] : [say("OrderPaid", { ...ref, paymentId })];
    case "CONFIRMED":
      if (money === "RETURNED") return [recall(order)];
      if (shipments.length > 0) return [awaited(order)];
      if (stock.is !== "RESERVED") return [];
      return [say("OrderConfirmed", confirmation(order, stock.allocations))];
    case "CANCELLED":
      if (!holdsStock && !holdsMoney) return [];
      return [say("OrderCancelled", { ...ref, reason: order.statusReason, by: "SYSTEM" })];
    case "EXPIRED":
      return holdsStock || holdsMoney ? [say("OrderExpired", ref)] : [];
    case "REJECTED":
      return holdsMoney ? [say("OrderRejected", { ...ref, reason: order.statusReason })] : [];
    case "SHIPPED":
      return [awaited(order)];
    case "DELIVERED":
      return [];
  }
}
