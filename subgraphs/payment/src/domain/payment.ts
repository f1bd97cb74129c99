import type { Money } from "@shop/values";

/**
 * PENDING waits for stock, amount or a payment method; the -ING ones have a task at the provider under way.
 * CLOSING calls off an intent that holds no money, VOIDING gives an authorisation back: so they end CANCELLED and VOIDED.
 */
export type PaymentStatus =
  | "PENDING"
  | "AUTHORIZING"
  | "REQUIRES_ACTION"
  | "FAILED"
  | "AUTHORIZED"
  | "CAPTURING"
  | "CAPTURED"
  | "CAPTURE_FAILED"
  | "CLOSING"
  | "VOIDING"
  | "REFUNDING"
  | "CANCELLED"
  | "VOIDED"
  | "REFUNDED";

/** Why a payment failed, for programs; each as in the API's PaymentFailureCode. */
export type FailureCode =
  | "DECLINED"
  | "NOT_CONFIRMED"
  | "METHOD_NOT_ACCEPTED"
  | "AMOUNT_NOT_PAYABLE"
  | "PROVIDER_FAILED"
  | "SHOP_FAILED"
  | "CAPTURE_REFUSED";

/** A payment method that the customer wants to pay with; attempts count upwards over the order's life. */
export type PaymentAttempt = { attempt: number; token: string };

/** A customer's bank that takes a payment back until it is decided whose the money is. Minor units of the total's currency. */
export type Dispute = { id: string; status: "OPEN" | "WON" | "LOST"; amount: number; reason: string };

/** The payment of one order: what was heard of the order, and how far the provider got. */
export type Payment = {
  id: string;
  orderId: string;
  version: number;
  status: PaymentStatus;
  /** Null until OrderInitiated or PaymentRequested was heard. */
  total: Money | null;
  isReserved: boolean;
  /** Why the order has ended; set once, from then on everything is undone. Also the tombstone of an order not yet heard of. */
  ended: string | null;
  /** The attempt that `status` speaks of; 0 before the first. */
  attempt: number;
  /** The method of the attempt under way; erased with its outcome. */
  token: string | null;
  /** The newest wish, not yet under way. */
  next: PaymentAttempt | null;
  intentId: string | null;
  /** Intents that are no longer this payment's: cancelled ones, strays. */
  pastIntents: string[];
  clientSecret: string | null;
  failureReason: string | null;
  /** What kind of failure that was; null for those of releases that kept none. */
  failureCode: FailureCode | null;
  /** Minor units of the total's currency. */
  refunded: number;
  /** What the customer's bank made of it; null unless it was disputed. */
  dispute: Dispute | null;
  /** The event that led to the present state: causes whatever is published next. */
  cause: string | null;
};

export type PublicStatus =
  | "PENDING"
  | "REQUIRES_ACTION"
  | "AUTHORIZED"
  | "CAPTURED"
  | "FAILED"
  | "CANCELLED"
  | "REFUNDED"
  | "PARTIALLY_REFUNDED";

/** Order names its payment without asking: both ids share the part after the prefix. */
export function paymentIdOf(orderId: string): string {
  if (!orderId.startsWith("ord_"))
    throw new TypeError(`expected an order's id, got "${orderId.slice(0, 40)}"`);
  return `pay_${orderId.slice("ord_".length)}`;
}

export function newPayment(orderId: string): Payment {
  return {
    id: paymentIdOf(orderId),
    orderId,
    version: 0,
    status: "PENDING",
    total: null,
    isReserved: false,
    ended: null,
    attempt: 0,
    token: null,
    next: null,
    intentId: null,
    pastIntents: [],
    clientSecret: null,
    failureReason: null,
    failureCode: null,
    refunded: 0,
    dispute: null,
    cause: null,
  };
}

/** What a customer is shown. */
export function publicStatus({ status, refunded }: Pick<Payment, "status" | "refunded">): PublicStatus {
  if (status === "CAPTURED" && refunded > 0) return "PARTIALLY_REFUNDED";
  switch (status) {
    case "AUTHORIZING":
      return "PENDING";
    case "CAPTURING":
    case "VOIDING":
      return "AUTHORIZED";
    case "REFUNDING":
      return "CAPTURED";
    case "CAPTURE_FAILED":
      return "FAILED";
    case "CLOSING":
    case "VOIDED":
      return "CANCELLED";
    case "PENDING":
    case "REQUIRES_ACTION":
    case "FAILED":
    case "AUTHORIZED":
    case "CAPTURED":
    case "CANCELLED":
    case "REFUNDED":
      return status;
  }
}
