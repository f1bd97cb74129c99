import type { Decision } from "@shop/events";
import { describe, expect, test } from "vitest";
import { callFor } from "./call.ts";
import { givenPayment } from "../../test/builders.ts";
import type { Payment } from "./payment.ts";
import { applyResult } from "./apply-result.ts";
import type { CallResult } from "./call-result.ts";

function seen(decision: Decision<Payment>) {
  if (decision.outcome === "ignored") return decision.reason;
  const { state, events, tasks } = decision;
  return {
    status: state.status,
    published: events.map((event) => event.type),
    tasks: tasks.map((task) => task.id),
  };
}
const authorizing = (about: Partial<Payment> = {}) =>
  givenPayment({ status: "AUTHORIZING", attempt: 1, token: "pm_card_visa", cause: "event-7", ...about });

const answers: Record<"authorized" | "action" | "declined" | "refusedUnseen", CallResult> = {
  authorized: { kind: "authorized", attempt: 1, intentId: "pi_1" },
  action: { kind: "action-required", attempt: 1, intentId: "pi_1", clientSecret: "secret" },
  declined: { kind: "declined", attempt: 1, intentId: "pi_1", reason: "Your card was declined." },
  refusedUnseen: {
    kind: "declined",
    attempt: 1,
    intentId: null,
    reason: "This payment method was not accepted.",
  },
};

describe("the answer to an attempt", () => {
  test("moves the payment on, tells the others, and erases the card", () => {
    expect(seen(applyResult(authorizing(), answers.authorized))).toEqual({
      status: "AUTHORIZED",
      published: ["PaymentProcessed"],
      tasks: [],
    });
    expect(seen(applyResult(authorizing(), answers.action))).toMatchObject({
      status: "REQUIRES_ACTION",
      published: ["PaymentActionRequired"],
    });
    expect(seen(applyResult(authorizing(), answers.declined))).toMatchObject({
      status: "FAILED",
      published: ["PaymentFailed"],
    });
    for (const answer of Object.values(answers)) {
      expect(applyResult(authorizing(), answer)).toMatchObject({ state: { token: null } });
    }
  });

  test("says whose fault it was, where it wasn't the payer's", () => {
    for (const code of ["PROVIDER_FAILED", "SHOP_FAILED", "AMOUNT_NOT_PAYABLE"] as const) {
      const answer: CallResult = { kind: "declined", attempt: 1, intentId: null, code, reason: "It failed." };
      const decision = applyResult(authorizing(), answer);
      expect(decision).toMatchObject({ events: [{ data: { attempt: 1, isOurFault: true } }] });
    }
    const declined = applyResult(authorizing(), answers.declined);
    expect(declined.outcome === "changed" && declined.events[0]?.data).not.toHaveProperty("isOurFault");
  });

  test("names its cause and the payment's version", () => {
    const decision = applyResult(authorizing(), answers.authorized);
    expect(decision).toMatchObject({
      events: [
        {
          aggregate: { id: "pay_1", version: 4 },
          sagaId: "ord_1",
          causationId: "event-7",
          data: {
            orderId: "ord_1",
            paymentId: "pay_1",
            attempt: 1,
            amount: { amount: 4200, currency: "USD" },
          },
        },
      ],
    });
  });

  test("that comes twice changes nothing", () => {
    for (const answer of Object.values(answers)) {
      const first = applyResult(authorizing(), answer);
      if (first.outcome === "ignored") throw new Error("expected a change");
      expect(seen(applyResult(first.state, answer))).toBe("OLD_ANSWER");
    }
  });

  test("is undone when the order has ended meanwhile, and money that was held is told of", () => {
    const ended = authorizing({ ended: "OrderExpired" });
    const undo = ["ord_1:undo:pi_1"];
    const published = ["PaymentProcessed"];
    expect(seen(applyResult(ended, answers.authorized))).toEqual({
      status: "VOIDING",
      published,
      tasks: undo,
    });
    expect(seen(applyResult(ended, answers.action))).toEqual({
      status: "CLOSING",
      published: [],
      tasks: undo,
    });
    // An earlier try may have won the order before that ended: then order waits for PaymentFailed.
    expect(seen(applyResult(ended, answers.declined))).toEqual({
      status: "CLOSING",
      published: ["PaymentFailed"],
      tasks: undo,
    });
    expect(seen(applyResult(ended, answers.refusedUnseen))).toEqual({
      status: "CANCELLED",
      published: ["PaymentFailed"],
      tasks: [],
    });
    expect(seen(applyResult(ended, { ...answers.refusedUnseen, isUntried: true } as CallResult))).toEqual({
      status: "CANCELLED",
      published: [],
      tasks: [],
    });
  });

  test("begins the next card when there is one, unless the money is already held", () => {
    const waiting = authorizing({ next: { attempt: 2, token: "pm_card_amex" } });
    const tasks = ["ord_1:authorize:2"];
    expect(seen(applyResult(waiting, answers.declined))).toEqual({
      status: "AUTHORIZING",
      published: ["PaymentFailed"],
      tasks,
    });
    expect(seen(applyResult(waiting, answers.action))).toEqual({
      status: "AUTHORIZING",
      published: [],
      tasks,
    });
    const held = applyResult(waiting, answers.authorized);
    expect(held).toMatchObject({ state: { status: "AUTHORIZED", next: null } });
  });

  test("lets go of an intent that the provider has called off, so that the next attempt makes its own", () => {
    const gone: CallResult = {
      kind: "declined",
      attempt: 1,
      intentId: "pi_1",
      reason: "gone",
      isIntentGone: true,
    };
    const decision = applyResult(authorizing({ intentId: "pi_1" }), gone);
    expect(decision).toMatchObject({ state: { status: "FAILED", intentId: null, pastIntents: ["pi_1"] } });
  });
});

test("a capture is told once; refused for good it can't be paid again", () => {
  const capturing = givenPayment({ status: "CAPTURING", attempt: 1, intentId: "pi_1" });
  expect(seen(applyResult(capturing, { kind: "captured", intentId: "pi_1" }))).toMatchObject({
    status: "CAPTURED",
    published: ["PaymentCaptured"],
  });
  expect(
    seen(applyResult(capturing, { kind: "capture-refused", intentId: "pi_1", reason: "no" })),
  ).toMatchObject({
    status: "CAPTURE_FAILED",
    published: ["PaymentCaptureFailed"],
  });
  const ended = givenPayment({ status: "VOIDING", attempt: 1, intentId: "pi_1", ended: "OrderCancelled" });
  expect(seen(applyResult(ended, { kind: "captured", intentId: "pi_1" }))).toBe("OLD_ANSWER");
});

test.each([
  ["VOIDING", "voided", "VOIDED", "VOIDED"],
  ["VOIDING", "refunded", "REFUNDED", "REFUNDED"],
  ["REFUNDING", "refunded", "REFUNDED", "REFUNDED"],
  ["CLOSING", "refunded", "REFUNDED", "REFUNDED"],
] as const)(
  "the event of money that is %s and was %s says how it was given back",
  (status, kind, next, published) => {
    const before = givenPayment({ status, attempt: 1, intentId: "pi_1", ended: "OrderCancelled" });
    const answer: CallResult =
      kind === "refunded" ? { kind, intentId: "pi_1", amount: 4200 } : { kind, intentId: "pi_1" };
    expect(applyResult(before, answer)).toMatchObject({
      state: { status: next },
      events: [{ type: "PaymentRefunded", data: { kind: published, amount: { amount: 4200 } } }],
    });
  },
);

describe("a refund", () => {
  const open = { kind: "refund-open", intentId: "pi_1", amount: 0, failed: 0, isPending: true } as const;

  test.each(["VOIDING", "REFUNDING", "CLOSING"] as const)(
    "that is pending is not told, and its %s payment looks as before",
    (status) => {
      const before = givenPayment({ status, attempt: 1, intentId: "pi_1", ended: "OrderCancelled" });
      const decision = applyResult(before, open);
      expect(decision).toMatchObject({
        state: { status: "REFUNDING", version: before.version + 1 },
        events: [],
      });
    },
  );

  test("that failed after it had succeeded is made and told again", () => {
    const about = { attempt: 1, intentId: "pi_1", ended: "OrderCancelled", refunded: 4200 };
    const refunded = givenPayment({ status: "REFUNDED", ...about });
    const task = { orderId: "ord_1", intentId: "pi_1" };
    expect(callFor("undo", task, refunded, true)).toMatchObject({ call: { op: "undo", isCaptured: true } });
    const failed = applyResult(refunded, { ...open, failed: 1, isPending: false });
    expect(failed).toMatchObject({
      state: { status: "REFUNDING", refunded: 0 },
      events: [],
      tasks: [{ kind: "undo" }],
    });
    if (failed.outcome === "ignored") throw new Error("expected a change");
    const again = applyResult(failed.state, { kind: "refunded", intentId: "pi_1", amount: 4200 });
    expect(seen(again)).toMatchObject({ status: "REFUNDED", published: ["PaymentRefunded"] });
  });
});

test("an intent that held nothing is closed without a word", () => {
  const closing = givenPayment({ status: "CLOSING", attempt: 1, intentId: "pi_1", ended: "OrderExpired" });
  expect(seen(applyResult(closing, { kind: "voided", intentId: "pi_1" }))).toEqual({
    status: "CANCELLED",
    published: [],
    tasks: [],
  });
});

describe("a task", () => {
  const task = { orderId: "ord_1", attempt: 1, intentId: "pi_1" };

  test("asks for nothing once the payment has moved on", () => {
    const done = givenPayment({ status: "CAPTURED", attempt: 1, intentId: "pi_1" });
    for (const kind of ["authorize", "capture", "undo"] as const) {
      expect(callFor(kind, task, done, false)).toBeUndefined();
    }
  });

  test("tries another card on the same intent", () => {
    const again = authorizing({ attempt: 2, intentId: "pi_1", token: "pm_card_amex" });
    expect(callFor("authorize", { ...task, attempt: 2 }, again, true)).toMatchObject({
      call: { op: "authorize", attempt: 2, intentId: "pi_1", token: "pm_card_amex" },
    });
  });

  test("doesn't begin for an order that has ended, but finds out what an earlier try did", () => {
    const ended = authorizing({ ended: "OrderExpired" });
    expect(callFor("authorize", task, ended, true)).toMatchObject({ result: { kind: "declined" } });
    expect(callFor("authorize", task, ended, false)).toMatchObject({ call: { op: "authorize", attempt: 1 } });
  });

  test("undoes a stray whatever the payment's own state", () => {
    const paid = givenPayment({ status: "CAPTURED", attempt: 1, intentId: "pi_1", pastIntents: ["pi_0"] });
    expect(callFor("undo", { ...task, intentId: "pi_0" }, paid, true)).toMatchObject({
      call: { intentId: "pi_0" },
    });
  });
});
