import type { Call, Intent, CallResult } from "@shop/payment/domain";
import type { Random } from "./random.ts";

/** The provider's side of an intent. */
export type BankIntent = {
  id: string;
  orderId: string;
  attempt: number;
  amount: number;
  status: "open" | "requires_action" | "requires_capture" | "succeeded" | "canceled";
  refunded: number;
  /** This one will never be captured. */
  refusesCapture: boolean;
};

/** What the provider does: it remembers each attempt's key, captures, cancels and refunds once. */
export type Bank = ReturnType<typeof openBank>;

export function openBank(random: Random) {
  const intents = new Map<string, BankIntent>();
  const answered = new Set<string>();

  function authorize(call: Extract<Call, { op: "authorize" }>): CallResult {
    const { attempt, orderId, token } = call;
    const key = `${orderId}:${attempt}`;
    const id = call.intentId ?? `pi_${orderId}_${attempt}`;
    const known = intents.get(id);
    if (!answered.has(key)) {
      answered.add(key);
      const intent: BankIntent = known ?? {
        ...{ id, orderId, attempt, amount: call.total.amount, status: "open", refunded: 0 },
        refusesCapture: random.is(0.1),
      };
      intents.set(id, intent);
      if (intent.status === "open" || intent.status === "requires_action") intent.status = outcomeOf(token);
    }
    return readAuthorization(intents.get(id), attempt);
  }

  function readAuthorization(intent: BankIntent | undefined, attempt: number): CallResult {
    if (!intent) throw new Error("the bank has lost an intent");
    const intentId = intent.id;
    switch (intent.status) {
      case "requires_capture":
      case "succeeded":
        return { kind: "authorized", attempt, intentId };
      case "requires_action":
        return { kind: "action-required", attempt, intentId, clientSecret: "secret" };
      case "open":
        return { kind: "declined", attempt, intentId, reason: "insufficient funds" };
      case "canceled":
        return { kind: "declined", attempt, intentId, reason: "called off", isIntentGone: true };
    }
  }

  return {
    intents,
    /** Performs a call; a repeated call gets the same answer. */
    perform(call: Call): CallResult {
      if (call.op === "authorize") return authorize(call);
      const { intentId } = call;
      const intent = intents.get(intentId);
      if (!intent) throw new Error("the bank has lost an intent");
      if (call.op === "capture") {
        if (intent.status === "requires_capture" && !intent.refusesCapture) intent.status = "succeeded";
        return intent.status === "succeeded"
          ? { kind: "captured", intentId }
          : { kind: "capture-refused", intentId, reason: "the bank refuses" };
      }
      if (intent.status === "succeeded") {
        intent.refunded = intent.amount;
        return { kind: "refunded", intentId, amount: intent.amount };
      }
      intent.status = "canceled";
      return { kind: "voided", intentId };
    },
    /** The customer is done with their bank, one way or the other. Undefined when nothing waits for them. */
    answerCustomer(orderId: string): BankIntent | undefined {
      const waiting = intents
        .values()
        .find((intent) => intent.orderId === orderId && intent.status === "requires_action");
      if (waiting) waiting.status = random.is(0.7) ? "requires_capture" : "open";
      return waiting;
    },
    /** Any of the order's intents, for a webhook at any moment; now and then its authorisation has lapsed. */
    lapse(orderId: string): BankIntent | undefined {
      const mine = [...intents.values()].filter((intent) => intent.orderId === orderId);
      if (mine.length === 0) return undefined;
      const intent = random.oneOf(mine);
      if (intent.status === "requires_capture" && random.is(0.2)) intent.status = "canceled";
      return intent;
    },
    look(intentId: string): Intent {
      const intent = intents.get(intentId);
      if (!intent) throw new Error("the bank has lost an intent");
      const { id, status, attempt } = intent;
      return { id, status, attempt, clientSecret: "secret", failure: status === "open" ? "declined" : null };
    },
  };
}

function outcomeOf(token: string): BankIntent["status"] {
  if (token === "pm_declined") return "open";
  return token === "pm_asks_customer" ? "requires_action" : "requires_capture";
}
