import type { Decision } from "@shop/events";
import { isSameMoney, type Money } from "@shop/values";
import type { Payment } from "./payment.ts";
import { totalOf, transition } from "./transition.ts";

/**
 * The money is captured. Another amount than the total fails the capture: the order undoes itself, and its end refunds what was
 * captured. Staff may have captured a part at the provider, which releases the rest. `received` is null in an unknown currency.
 */
export function captured(state: Payment, received?: Money | null): Decision<Payment> {
  if (received && !isSameMoney(received, totalOf(state))) return captureRefused(state, otherAmount);
  return transition(state, { status: "CAPTURED" }, ["PaymentCaptured", { amount: totalOf(state) }]);
}

const otherAmount = "The provider took another amount than the order's total.";

/** The capture failed for good: the order undoes itself, and its end closes the intent. */
export function captureRefused(state: Payment, reason: string): Decision<Payment> {
  const change = { status: "CAPTURE_FAILED", failureReason: reason, failureCode: "CAPTURE_REFUSED" } as const;
  return transition(state, change, ["PaymentCaptureFailed", { reason }]);
}
