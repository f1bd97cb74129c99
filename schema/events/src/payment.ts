import { z } from "zod";
import { moneySchema } from "./shared-schemas.ts";

const ref = { orderId: z.string(), paymentId: z.string() };

/** The events that payment publishes. Aggregate: the payment; saga: the order. */
export const paymentEvents = {
  /** Authorised, not yet captured, by a payment that did not win its order by the request `order.win`. */
  PaymentProcessed: z.object({ ...ref, attempt: z.int(), amount: moneySchema }),
  /** Declined; may be tried again under another attempt. */
  PaymentFailed: z.object({
    ...ref,
    attempt: z.int(),
    reason: z.string(),
    /** The provider or the shop has failed, and the payer is not to blame; absent is false. */
    isOurFault: z.boolean().optional(),
  }),
  /** The customer must pass 3-D Secure with the provider's client library. */
  PaymentActionRequired: z.object({ ...ref, attempt: z.int() }),
  /** The shop has the money. */
  PaymentCaptured: z.object({ ...ref, amount: moneySchema }),
  /** The provider refused the capture for good. */
  PaymentCaptureFailed: z.object({ ...ref, reason: z.string() }),
  /**
   * Refunds that were made at the provider itself, not by this shop. `amount`: all that was paid back so far; `isFull`:
   * nothing of the payment is left.
   */
  PaymentRefundedAtProvider: z.object({ ...ref, amount: moneySchema, isFull: z.boolean() }),
  /** The customer's bank has taken the money back until it is decided whose it is. `reason`: the provider's own word. */
  PaymentDisputed: z.object({ ...ref, amount: moneySchema, reason: z.string() }),
  /** The dispute is decided. WON: the money is the shop's again; LOST: it stays with the customer. */
  PaymentDisputeClosed: z.object({ ...ref, amount: moneySchema, outcome: z.enum(["WON", "LOST"]) }),
  /** The customer's money is free again: an authorisation was released (VOIDED) or a capture paid back (REFUNDED). */
  PaymentRefunded: z.object({ ...ref, amount: moneySchema, kind: z.enum(["VOIDED", "REFUNDED"]) }),
};
