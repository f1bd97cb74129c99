import { ignored, type Ignored } from "@shop/events";
import { cancelOrder, shipmentCalledOff } from "./cancel-order.ts";
import { captureFailed, paymentCaptured } from "./confirm-order.ts";
import { expireOrder } from "./expire-order.ts";
import { disputed, refundedAtProvider } from "./refund-at-provider.ts";
import { finish } from "./to-decision.ts";
import { withinBounds } from "./hold-unpaid.ts";
import { type SubscribedEvent, type Message, tellingOf } from "./message.ts";
import { isEnded, note, type Order } from "./order.ts";
import {
  payOrder,
  paymentFailed,
  paymentNeedsCustomer,
  paymentProcessed,
  paymentRefunded,
} from "./pay-order.ts";
import { shownWithPayment, withPayment } from "./record-payment.ts";
import { placeOrder } from "./place-order.ts";
import { remindOthers } from "./remind.ts";
import { stockRefused, stockReleased, stockReserved } from "./reserve-stock.ts";
import { shipmentFailed, shipmentScheduled, shipmentUpdated } from "./ship-order.ts";
import type { At, OrderDecision, Step } from "./transition.ts";

/** All that can happen to an order. Messages may come twice, late, and in any order. */
export function decide(order: Order | undefined, message: Message, at: At): OrderDecision {
  const step = stepOf(order, message, at);
  return "outcome" in step ? step : finish(step, message, at);
}

function stepOf(order: Order | undefined, message: Message, at: At): Step | Ignored {
  if (message.type === "PlaceOrder") return order ? ignored("ALREADY_PLACED") : placeOrder(message, at);
  if (!order) return ignored("UNKNOWN_ORDER");
  switch (message.type) {
    case "PayOrder":
      return payOrder(order, message, at);
    case "CancelOrder":
      return cancelOrder(order, message);
    case "ExpireOrder":
      return expireOrder(order, at);
    case "RemindOthers":
      return remindOthers(order, at);
    default:
      return hear(order, message, at);
  }
}

function hear(order: Order, told: SubscribedEvent, at: At): Step | Ignored {
  const telling = tellingOf(told);
  if (order.progress.heard.includes(telling)) return ignored("ALREADY_HEARD");
  const noted = withPayment(note(order, { heard: [...order.progress.heard, telling] }), told);
  const step = take(noted, told, at);
  // What changes nothing else may still be the first to name the payment.
  const isFirst = noted.progress.paymentId !== order.progress.paymentId;
  return "outcome" in step && isFirst ? { to: noted, says: [], shows: [] } : step;
}

function take(order: Order, told: SubscribedEvent, at: At): Step | Ignored {
  switch (told.type) {
    case "InventoryReserved":
      return withinBounds(stockReserved(order, told, at), { ...at, holdsTooMany: false });
    case "InventoryReservationFailed":
      return stockRefused(order, told);
    case "InventoryReleased":
      return stockReleased(order);
    case "PaymentActionRequired":
      return withinBounds(paymentNeedsCustomer(order), at);
    case "PaymentProcessed":
      return paymentProcessed(order, told, at);
    case "PaymentFailed":
      return withinBounds(paymentFailed(order, told), at);
    case "PaymentCaptured":
      return shownWithPayment(order, paymentCaptured(order, told, at));
    case "PaymentCaptureFailed":
      return captureFailed(order, told);
    case "PaymentRefunded":
      return told.data.kind === "REFUNDED" && isEnded(order)
        ? shownWithPayment(order, paymentRefunded(order, told))
        : paymentRefunded(order, told);
    case "PaymentRefundedAtProvider":
      return shownWithPayment(order, refundedAtProvider(order, told));
    case "PaymentDisputed":
    case "PaymentDisputeClosed":
      return disputed(order, told);
    case "ShipmentScheduled":
      return shipmentScheduled(order, told, at);
    case "ShipmentFailed":
      return shipmentFailed(order);
    case "ShipmentUpdated":
      return shipmentUpdated(order, told, at);
    case "ShipmentCalledOff":
      return shipmentCalledOff(order, told);
  }
}
