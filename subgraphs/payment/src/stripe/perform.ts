import type Stripe from "stripe";
import type { Deps } from "../deps.ts";
import type { Call, CallResult, FailureCode } from "../domain/index.ts";
import { alarmShopFault } from "./alarm.ts";
import { NotPayable, toStripe } from "./amount.ts";
import { classifyError, withoutSecrets } from "./errors.ts";
import { ownedIntent, receivedBy } from "./intent.ts";
import { refund } from "./refund.ts";

type CallOf<Op extends Call["op"]> = Extract<Call, { op: Op }>;
type Declined = Extract<CallResult, { kind: "declined" }>;
/** The dependencies of calls to Stripe. */
export type StripeDeps = Pick<Deps, "stripe" | "shop" | "openSealed"> & { log: Pick<Deps["log"], "error"> };

const notAccepted = "This payment method was not accepted.";
const providerFailed = "The payment provider failed. You have not been charged; please try again.";
const ourFault = "The payment could not be made, by a fault of the shop. You have not been charged.";

/**
 * Performs a call and returns its result. Throws, never with a secret in the message, when the result isn't known: the task
 * then makes the same call again, as it does after a crash anywhere in here. So each call must be repeatable: an authorisation
 * by its idempotency key, one for each attempt; capture and cancellation because Stripe does them once only; a refund because
 * it is of all that is left.
 */
export async function perform(deps: StripeDeps, call: Call, tries: number): Promise<CallResult> {
  try {
    switch (call.op) {
      case "authorize":
        return await authorize(deps, call);
      case "capture":
        return await capture(deps, call, tries);
      case "undo":
        return await undo(deps, call, tries);
    }
  } catch (error) {
    alarmShopFault(deps.log, call.op, call.orderId, error);
    throw withoutSecrets(error);
  }
}

async function authorize(deps: StripeDeps, call: CallOf<"authorize">): Promise<CallResult> {
  const { stripe, log } = deps;
  const { attempt, orderId, intentId } = call;
  const declined = (code: FailureCode, reason: string, intent = intentId): Declined => {
    return { kind: "declined", attempt, intentId: intent, code, reason };
  };
  // Order has sealed the token for payment alone. Sealed under a key that is gone it can't be read: the customer gives it again.
  const token = deps.openSealed(call.token);
  if (token === undefined) return declined("METHOD_NOT_ACCEPTED", notAccepted);
  const resultOf = (intent: Stripe.PaymentIntent) => authorization(deps, intent, attempt);
  try {
    const intent = await confirm(deps, { ...call, token }, `${orderId}:authorize:${attempt}`);
    const isReplay = intent.lastResponse.headers["idempotent-replayed"] === "true";
    // A replay has the intent as it was when the answer was lost.
    return resultOf(isReplay ? await stripe.paymentIntents.retrieve(intent.id) : intent);
  } catch (error) {
    if (error instanceof NotPayable) return declined("AMOUNT_NOT_PAYABLE", error.message);
    const found = classifyError(error);
    if (found.kind !== "unknown") alarmShopFault(log, "authorize", orderId, error);
    switch (found.kind) {
      case "declined":
        return declined("DECLINED", found.reason, found.intentId ?? intentId);
      case "state":
      case "repeated":
        if (intentId) return resultOf(await stripe.paymentIntents.retrieve(intentId));
        // Stripe failed inside and replays that under this key. An intent that was made after all is a stray, which the
        // reconciler cancels; the customer may try again, under the next attempt's key.
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

/** Confirms the order's intent with another method, or makes the first intent. */
function confirm({ stripe, shop }: StripeDeps, call: CallOf<"authorize">, idempotencyKey: string) {
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

function authorization({ shop }: StripeDeps, from: Stripe.PaymentIntent, attempt: number): CallResult {
  const { id: intentId, status, clientSecret, failure } = ownedIntent(from, shop).intent;
  const declined = { kind: "declined", attempt, intentId } as const;
  switch (status) {
    case "requires_capture":
    case "succeeded":
      return { kind: "authorized", attempt, intentId };
    case "requires_action":
      return { kind: "action-required", attempt, intentId, clientSecret: clientSecret ?? "" };
    case "canceled":
      return {
        ...declined,
        code: "NOT_CONFIRMED",
        reason: "The payment was called off.",
        isIntentGone: true,
      };
    case "open":
      return { ...declined, code: "DECLINED", reason: failure ?? notAccepted };
    case "processing":
      throw new Error("Stripe: still processing");
  }
}

async function capture(
  { stripe, log }: StripeDeps,
  { orderId, intentId }: CallOf<"capture">,
  tries: number,
): Promise<CallResult> {
  try {
    const key = { idempotencyKey: `${orderId}:capture:${tries}` };
    const taken = await stripe.paymentIntents.capture(intentId, {}, key);
    return { kind: "captured", intentId, received: receivedBy(taken) };
  } catch (error) {
    const found = classifyError(error);
    if (found.kind === "unknown") throw error;
    const intent = await stripe.paymentIntents.retrieve(intentId);
    const { status, last_payment_error: last } = intent;
    if (status === "succeeded") return { kind: "captured", intentId, received: receivedBy(intent) };
    if (found.kind === "repeated" || status === "processing") throw error;
    alarmShopFault(log, "capture", orderId, error);
    const reason = found.kind === "declined" ? found.reason : last?.message;
    return { kind: "capture-refused", intentId, reason: reason ?? "The bank would not release the money." };
  }
}

async function undo(deps: StripeDeps, call: CallOf<"undo">, tries: number): Promise<CallResult> {
  const { orderId, intentId } = call;
  const { paymentIntents } = deps.stripe;
  if (call.isCaptured) return refund(deps, call, tries);
  try {
    const key = { idempotencyKey: `${orderId}:cancel:${intentId}:${tries}` };
    await paymentIntents.cancel(intentId, {}, key);
    return { kind: "voided", intentId };
  } catch (error) {
    if (classifyError(error).kind === "unknown") throw error;
    const { status } = await paymentIntents.retrieve(intentId);
    if (status === "canceled") return { kind: "voided", intentId };
    if (status !== "succeeded") throw error;
    return call.isStray ? { kind: "stray-captured", intentId } : refund(deps, call, tries);
  }
}
