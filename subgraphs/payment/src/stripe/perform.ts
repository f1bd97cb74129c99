import type Stripe from "stripe";
import type { Call, FailureCode, CallResult } from "../domain/index.ts";
import { NotPayable, toStripe } from "./amount.ts";
import { ours, receivedBy } from "./intent.ts";
import { refunding } from "./refund.ts";
import { refusalOf, withoutSecrets } from "./errors.ts";

type Doing<Op extends Call["op"]> = Extract<Call, { op: Op }>;
export type Performer = (call: Call, tries: number) => Promise<CallResult>;

const notAccepted = "This payment method was not accepted.";
const providerFailed = "The payment provider failed. You have not been charged; please try again.";
const ourFault = "The payment could not be made, by a fault of the shop. You have not been charged.";

/**
 * Carries a call out and says how it ended. Throws (never with a secret in it) when that isn't known: the same call is
 * then made again. Whoever dies anywhere in it makes it again likewise, so each must be repeatable: an authorisation by
 * its idempotency key, one for each attempt; capture and cancellation because Stripe does them once only; a refund because
 * it is of all that is left.
 */
export function performer(
  stripe: Stripe,
  shop: string,
  openSealed: (token: string) => string | undefined,
  alarm: (op: Call["op"], orderId: string, error: unknown) => void,
): Performer {
  const refund = refunding(stripe, shop);
  return async (call, tries) => {
    try {
      switch (call.op) {
        case "authorize":
          return await authorize(call);
        case "capture":
          return await capture(call, tries);
        case "undo":
          return await undo(call, tries);
      }
    } catch (error) {
      alarm(call.op, call.orderId, error);
      throw withoutSecrets(error);
    }
  };

  async function authorize(call: Doing<"authorize">): Promise<CallResult> {
    const { attempt, orderId, intentId } = call;
    const declined = (code: FailureCode, reason: string, intent: string | null = intentId): CallResult => {
      return { kind: "declined", attempt, intentId: intent, code, reason };
    };
    // Sealed by order for us alone. Under a key that is no more it can't be read: the customer gives it again.
    const token = openSealed(call.token);
    if (token === undefined) return declined("METHOD_NOT_ACCEPTED", notAccepted);
    try {
      const intent = await attemptAt({ ...call, token }, `${orderId}:authorize:${attempt}`);
      const isReplay = intent.lastResponse.headers["idempotent-replayed"] === "true";
      // A replay shows the intent as it was when the answer was lost.
      return authorization(isReplay ? await stripe.paymentIntents.retrieve(intent.id) : intent, attempt);
    } catch (error) {
      if (error instanceof NotPayable) return declined("AMOUNT_NOT_PAYABLE", error.message);
      const refusal = refusalOf(error);
      if (refusal.kind !== "unknown") alarm("authorize", orderId, error);
      switch (refusal.kind) {
        case "declined":
          return declined("DECLINED", refusal.reason, refusal.intentId ?? intentId);
        case "state":
        case "repeated":
          if (intentId) return authorization(await stripe.paymentIntents.retrieve(intentId), attempt);
          // Stripe failed inside and keeps saying so under this key. If an intent was made after all, the reconciler
          // cancels it as a stray; the customer may try again, under the next attempt's key.
          return declined("PROVIDER_FAILED", providerFailed);
        case "method":
          return declined("METHOD_NOT_ACCEPTED", notAccepted);
        case "amount":
          return declined("AMOUNT_NOT_PAYABLE", "The payment provider doesn't take this amount.");
        case "mistake":
        case "refunded":
        case "disputed":
        case "lapsed":
          return declined("SHOP_FAILED", ourFault);
        case "unknown":
          throw error;
      }
    }
  }

  function attemptAt(call: Doing<"authorize">, idempotencyKey: string) {
    if (call.intentId) {
      return stripe.paymentIntents.confirm(call.intentId, { payment_method: call.token }, { idempotencyKey });
    }
    return stripe.paymentIntents.create(
      {
        ...toStripe(call.total),
        capture_method: "manual",
        confirm: true,
        payment_method: call.token,
        allowed_payment_method_types: ["card"],
        metadata: { orderId: call.orderId, attempt: String(call.attempt), shop },
      },
      { idempotencyKey },
    );
  }

  function authorization(intent: Stripe.PaymentIntent, attempt: number): CallResult {
    const { intent: found } = ours(intent, shop);
    const intentId = found.id;
    switch (found.status) {
      case "requires_capture":
      case "succeeded":
        return { kind: "authorized", attempt, intentId };
      case "requires_action":
        return { kind: "action-required", attempt, intentId, clientSecret: found.clientSecret ?? "" };
      case "canceled":
        return {
          kind: "declined",
          attempt,
          intentId,
          code: "NOT_CONFIRMED",
          reason: "The payment was called off.",
          isIntentGone: true,
        };
      case "open":
        return {
          kind: "declined",
          attempt,
          intentId,
          code: "DECLINED",
          reason: found.failure ?? notAccepted,
        };
      case "processing":
        throw new Error("Stripe: still processing");
    }
  }

  async function capture({ orderId, intentId }: Doing<"capture">, tries: number): Promise<CallResult> {
    try {
      const key = { idempotencyKey: `${orderId}:capture:${tries}` };
      const taken = await stripe.paymentIntents.capture(intentId, {}, key);
      return { kind: "captured", intentId, received: receivedBy(taken) };
    } catch (error) {
      const refusal = refusalOf(error);
      if (refusal.kind === "unknown") throw error;
      const found = await stripe.paymentIntents.retrieve(intentId);
      const { status, last_payment_error: last } = found;
      if (status === "succeeded") return { kind: "captured", intentId, received: receivedBy(found) };
      if (refusal.kind === "repeated" || status === "processing") throw error;
      alarm("capture", orderId, error);
      const reason = refusal.kind === "declined" ? refusal.reason : last?.message;
      return { kind: "capture-refused", intentId, reason: reason ?? "The bank would not release the money." };
    }
  }

  async function undo(call: Doing<"undo">, tries: number): Promise<CallResult> {
    const { orderId, intentId } = call;
    if (call.isCaptured) return refund(call, tries);
    try {
      await stripe.paymentIntents.cancel(
        intentId,
        {},
        { idempotencyKey: `${orderId}:cancel:${intentId}:${tries}` },
      );
      return { kind: "voided", intentId };
    } catch (error) {
      if (refusalOf(error).kind === "unknown") throw error;
      const { status } = await stripe.paymentIntents.retrieve(intentId);
      if (status === "canceled") return { kind: "voided", intentId };
      if (status === "succeeded")
        return call.isStray ? { kind: "stray-captured", intentId } : refund(call, tries);
      throw error;
    }
  }

  /** All that is left, and never a second one beside one that is pending: it may still be paid back. */
}
