import { ignored, type Ignored } from "@shop/events";
import { confirmation } from "./advance.ts";
import type { Order } from "./order.ts";
import { initiation } from "./place-order.ts";
import { request } from "./pay-order.ts";
import { type At, say, type Saying, type Step } from "./step.ts";

const firstReminderMs = 30_000;
const lastReminderMs = 3_600_000;

/** When the others are told again what they owe the order an answer to; null while it rests or waits for the customer. */
export function nextReminder(order: Order, now: Date): Date | null {
  if (owed(order).length === 0) return null;
  const afterMs = Math.min(firstReminderMs * 2 ** order.progress.reminders, lastReminderMs);
  return new Date(now.getTime() + afterMs);
}

/** The watchdog's word: what was said last is said again, under a fresh id; whoever has acted on it answers again. */
export function remindOthers(order: Order, at: At): Step | Ignored {
  const { remindAt } = order.progress;
  if (remindAt === null || at.now < remindAt) return ignored("NOT_DUE");
  return { to: order, shows: [], says: owed(order) };
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
      // Its own deadline ends it; payment has a reconciler for answers that got lost.
      return [];
    case "PAID":
      return paymentId === null ? [] : [say("OrderPaid", { ...ref, paymentId })];
    case "CONFIRMED":
      if (shipments.length > 0 || stock.is !== "RESERVED") return [];
      return [say("OrderConfirmed", confirmation(order, stock.allocations))];
    case "CANCELLED":
      if (!holdsStock && !holdsMoney) return [];
      return [say("OrderCancelled", { ...ref, reason: order.statusReason, by: "SYSTEM" })];
    case "EXPIRED":
      return holdsStock || holdsMoney ? [say("OrderExpired", ref)] : [];
    case "REJECTED":
      return holdsMoney ? [say("OrderRejected", { ...ref, reason: order.statusReason })] : [];
    case "SHIPPED":
    case "DELIVERED":
      return [];
  }
}
