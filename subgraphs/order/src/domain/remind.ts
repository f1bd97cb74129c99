import { ignored, type Ignored } from "@shop/events";
import {
  orderCancelled,
  orderConfirmed,
  orderExpired,
  orderInitiated,
  orderPaid,
  orderRecalled,
  orderRejected,
  type OutgoingEvent,
  paymentRequested,
  shipmentAwaited,
  stockRequested,
} from "./events.ts";
import { expireOrder } from "./expire-order.ts";
import type { Order } from "./order.ts";
import type { DecisionContext, Transition } from "./transition.ts";

const firstReminderMs = 30_000;
const lastReminderMs = 3_600_000;
/** Parcels take days; after one, a reminder makes up for a lost event of theirs. */
const parcelsReminderMs = 24 * 3_600_000;

/** When the next reminder is due; null while no answer is overdue. */
export function nextReminder(order: Order, now: Date): Date | null {
  const unanswered = unansweredEvents(order);
  if (unanswered.length === 0) return null;
  const isOfParcels = unanswered.some(({ type }) => type === "ShipmentAwaited");
  const doublingMs = Math.min(firstReminderMs * 2 ** order.progress.reminders, lastReminderMs);
  const afterMs = isOfParcels ? parcelsReminderMs : doublingMs;
  return new Date(now.getTime() + afterMs);
}

/** Re-emits the last events under new ids, so that a service that lost them answers; handlers are idempotent. */
export function sendReminders(order: Order, context: DecisionContext): Transition | Ignored {
  const { now } = context;
  const { remindAt } = order.progress;
  if (remindAt === null || now < remindAt) return ignored("NOT_DUE");
  if (order.status === "CREATED" && order.expiresAt <= now) return expireOrder(order, context);
  return { next: order, timeline: [], events: unansweredEvents(order) };
}

/** The last events of the order whose answers have not arrived. */
function unansweredEvents(order: Order): OutgoingEvent[] {
  const { stock, money, paymentId, attempt, paymentToken, shipments } = order.progress;
  const holdsStock = stock.status === "RESERVED";
  const holdsMoney = money === "AUTHORISED" || money === "CAPTURED";
  switch (order.status) {
    case "CREATED": {
      const isPaidAgain = attempt > 1 && paymentToken !== null;
      return [
        orderInitiated(order),
        ...(isPaidAgain ? [paymentRequested(order, attempt, paymentToken)] : []),
      ];
    }
    case "AWAITING_PAYMENT":
      // Paid, and waiting for the stock that it had yielded.
      if (stock.status === "REQUESTED") return [stockRequested(order)];
      // Without a token it is the customer's turn; with one, payment owes the outcome of the latest attempt.
      if (paymentToken === null) return [];
      return [attempt > 1 ? paymentRequested(order, attempt, paymentToken) : orderInitiated(order)];
    case "PAID":
      return paymentId === null ? [] : [orderPaid(order, paymentId)];
    case "CONFIRMED":
      if (money === "RETURNED") return [orderRecalled(order)];
      if (shipments.length > 0) return [shipmentAwaited(order)];
      return stock.status === "RESERVED" ? [orderConfirmed(order, stock.allocations)] : [];
    case "CANCELLED":
      return holdsStock || holdsMoney ? [orderCancelled(order, order.statusReason, "SYSTEM")] : [];
    case "EXPIRED":
      return holdsStock || holdsMoney ? [orderExpired(order)] : [];
    case "REJECTED":
      return holdsMoney ? [orderRejected(order, order.statusReason)] : [];
    case "SHIPPED":
      return [shipmentAwaited(order)];
    case "DELIVERED":
      return [];
  }
}
