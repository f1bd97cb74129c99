import type { RequestInput, RequestReply } from "@shop/events";
import type { CallResult } from "./call-result.ts";
import type { Call } from "./call.ts";
import type { Payment } from "./payment.ts";
import { totalOf } from "./transition.ts";

type Captured = Extract<CallResult, { kind: "captured" | "capture-refused" }>;

/**
 * The question to order once the attempt of a task holds the money; undefined where PaymentProcessed decides alone. `known`: the
 * payment before the call. Nothing is written before the reply: a process that dies asks again, and order replies the same.
 */
export function winRequest(known: Payment, result: CallResult): RequestInput<"order.win"> | undefined {
  const { id, orderId, ended, cause } = known;
  if (result.kind !== "authorized" || ended !== null || cause === null) return undefined;
  return { orderId, paymentId: id, attempt: result.attempt, amount: totalOf(known), cause };
}

/** The capture that follows order's reply; undefined, also without a reply: the authorisation is reported, and events go on. */
export function captureWon(
  { orderId }: Payment,
  result: CallResult,
  reply: RequestReply<"order.win"> | undefined,
): Call | undefined {
  if (reply?.outcome !== "won" || result.kind !== "authorized") return undefined;
  return { op: "capture", orderId, intentId: result.intentId };
}

/** The outcome of that capture, as the outcome of the attempt. */
export function capturedAtOnce(result: CallResult, { attempt }: { attempt: number }): CallResult {
  const isOfCapture = result.kind === "captured" || result.kind === "capture-refused";
  return isOfCapture ? ({ ...result, attempt } satisfies Captured) : result;
}
