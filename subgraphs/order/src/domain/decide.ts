import { ignored, type Ignored } from "@shop/events";
import { cancelOrder, shipmentCalledOff } from "./cancel-order.ts";
import { captureFailed } from "./capture-failed.ts";
import { paymentCaptured } from "./confirm-order.ts";
import { expireOrder } from "./expire-order.ts";
import { disputed } from "./hold-disputed.ts";
import { yieldBeyondLimits } from "./hold-unpaid.ts";
import { deduplicationKey, type Message, type SubscribedEvent } from "./message.ts";
import { isEnded, type Order, withProgress } from "./order.ts";
import { payOrder } from "./pay-order.ts";
import { failureRepeated, paymentFailed } from "./payment-failed.ts";
import { paymentNeedsCustomer } from "./payment-needs-customer.ts";
import { paymentProcessed } from "./payment-processed.ts";
import { paymentRefunded } from "./payment-refunded.ts";
import { placeOrder } from "./place-order.ts";
import { recordPayment, withPaymentRow } from "./record-payment.ts";
import { refundedAtProvider } from "./refund-at-provider.ts";
import { sendReminders } from "./remind.ts";
import { stockRefused, stockReleased, stockReserved } from "./reserve-stock.ts";
import { shipmentFailed, shipmentScheduled, shipmentUpdated } from "./ship-order.ts";
import { toDecision } from "./to-decision.ts";
import type { DecisionContext, OrderDecision, Transition } from "./transition.ts";
import { winnerLost, winOrder } from "./win-order.ts";

/** Decides any message to an order. Messages may arrive twice, late, and in any order. */
export function decide(order: Order | undefined, message: Message, context: DecisionContext): OrderDecision {
  const transition = transitionOf(order, message, context);
  return "outcome" in transition ? transition : toDecision(transition, message, context);
}

function transitionOf(
  order: Order | undefined,
  message: Message,
  context: DecisionContext,
): Transition | Ignored {
  if (message.type === "PlaceOrder") return order ? ignored("ALREADY_PLACED") : placeOrder(message, context);
  if (!order) return ignored("UNKNOWN_ORDER");
  switch (message.type) {
    case "PayOrder":
      return payOrder(order, message, context);
    case "CancelOrder":
      return cancelOrder(order, message);
    case "ExpireOrder":
      return expireOrder(order, context);
    case "WinOrder":
      return winOrder(order, message, context);
    case "SendReminders":
      return sendReminders(order, context);
    default:
      return handleEvent(order, message, context);
  }
}

function handleEvent(order: Order, event: SubscribedEvent, context: DecisionContext): Transition | Ignored {
  const key = deduplicationKey(event);
  const { processedKeys, paymentId } = order.progress;
  if (processedKeys.includes(key)) return ignored("ALREADY_HANDLED");
  const recorded = recordPayment(withProgress(order, { processedKeys: [...processedKeys, key] }), event);
  const transition = applyEvent(recorded, event, context);
  // An event that is ignored otherwise may still be the first to name the payment.
  const isFirst = recorded.progress.paymentId !== paymentId;
  return "outcome" in transition && isFirst ? { next: recorded, events: [], timeline: [] } : transition;
}

function applyEvent(order: Order, event: SubscribedEvent, context: DecisionContext): Transition | Ignored {
  switch (event.type) {
    case "InventoryReserved":
      return yieldBeyondLimits(stockReserved(order, event, context), { ...context, holdsTooMany: false });
    case "InventoryReservationFailed":
      return stockRefused(order, event);
    case "InventoryReleased":
      return stockReleased(order);
    case "PaymentActionRequired":
      return winnerLost(order, event) ?? yieldBeyondLimits(paymentNeedsCustomer(order), context);
    case "PaymentProcessed":
      return paymentProcessed(order, event, context);
    case "PaymentFailed":
      return (
        winnerLost(order, event) ??
        failureRepeated(order, event) ??
        yieldBeyondLimits(paymentFailed(order, event), context)
      );
    case "PaymentCaptured":
      return withPaymentRow(order, paymentCaptured(order, event, context));
    case "PaymentCaptureFailed":
      return captureFailed(order, event);
    case "PaymentRefunded":
      return event.data.kind === "REFUNDED" && isEnded(order)
        ? withPaymentRow(order, paymentRefunded(order, event))
        : paymentRefunded(order, event);
    case "PaymentRefundedAtProvider":
      return withPaymentRow(order, refundedAtProvider(order, event));
    case "PaymentDisputed":
    case "PaymentDisputeClosed":
      return disputed(order, event);
    case "ShipmentScheduled":
      return shipmentScheduled(order, event, context);
    case "ShipmentFailed":
      return shipmentFailed(order);
    case "ShipmentUpdated":
      return shipmentUpdated(order, event, context);
    case "ShipmentCalledOff":
      return shipmentCalledOff(order, event);
  }
}
