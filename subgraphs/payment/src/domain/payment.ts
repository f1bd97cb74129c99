import type { Money } from "@shop/values";

/**
 * PENDING waits for stock, amount or a payment method; states in -ING have a task at the provider under way.
 * CLOSING cancels an intent that holds no money, VOIDING an authorisation: they end as CANCELLED and VOIDED.
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

/** An attempt to pay with a payment method; attempts count upwards over the order's life. */
export type PaymentAttempt = { attempt: number; token: string };

/** A dispute: the customer's bank takes the payment back until it is decided. Minor units of the total's currency. */
export type Dispute = { id: string; status: "OPEN" | "WON" | "LOST"; amount: number; reason: string };

/** The payment of one order: what its events say, and how far the provider got. */
export type Payment = {
  id: string;
  orderId: string;
  version: number;
  status: PaymentStatus;
  /** Null until OrderInitiated or PaymentRequested. */
  total: Money | null;
  isReserved: boolean;
  /** Why the order has ended; set once, and from then on everything is undone. Set before OrderInitiated, it is a tombstone. */
  ended: string | null;
  /** The attempt of `status`; 0 before the first. */
  attempt: number;
  /** The sealed method of the attempt under way; erased with its outcome. */
  token: string | null;
  /** The newest attempt that is not yet under way. */
  next: PaymentAttempt | null;
  intentId: string | null;
  /** Intents that are not this payment's any more: cancelled ones, strays. */
  pastIntents: string[];
  clientSecret: string | null;
  failureReason: string | null;
  /** The kind of failure; null where the payment has not failed. */
  failureCode: FailureCode | null;
  /** Minor units of the total's currency. */
  refunded: number;
  /** The open dispute, else the latest; null without one. */
  dispute: Dispute | null;
  /** The event that led to this state: the cause of the next event. */
  cause: string | null;
};

/** The payment's id is the order's with another prefix, so that order knows it without a request. */
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

/** The failure fields of a payment without a failure. */
export const noFailure = { failureReason: null, failureCode: null };

/** The status that a customer sees. */
export function publicStatus({ status, refunded }: Pick<Payment, "status" | "refunded">) {
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
    default:
      return status;
  }
}
