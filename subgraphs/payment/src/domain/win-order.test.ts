import type { Decision } from "@shop/events";
import { describe, expect, test } from "vitest";
import { given, givenPayment } from "../../test/builders.ts";
import { applyBooks } from "./apply-books.ts";
import { applyIntent, type Intent } from "./apply-intent.ts";
import { applyResult } from "./apply-result.ts";
import type { CallResult } from "./call-result.ts";
import { callFor } from "./call.ts";
import { handleEvent } from "./handle-event.ts";
import type { Payment } from "./payment.ts";
import { capturedAtOnce, captureWon, winRequest } from "./win-order.ts";

const authorizing = (about: Partial<Payment> = {}) =>
  givenPayment({ status: "AUTHORIZING", attempt: 1, token: "pm_card_visa", cause: "event-7", ...about });
const authorized: CallResult = { kind: "authorized", attempt: 1, intentId: "pi_1" };
const captured: CallResult = { kind: "captured", attempt: 1, intentId: "pi_1" };
const refused: CallResult = { kind: "capture-refused", attempt: 1, intentId: "pi_1", reason: "no" };
const total = { amount: 4200, currency: "USD" };

function seen(decision: Decision<Payment>) {
  if (decision.outcome === "ignored") return decision.reason;
  const { state, events, tasks } = decision;
  return [state.status, events.map(({ type }) => type), tasks.map(({ id }) => id)];
}
const after = (decision: Decision<Payment>): Payment => {
  if (decision.outcome === "ignored") throw new Error(decision.reason);
  return decision.state;
};

describe("a payment that holds the money", () => {
  test("asks to win its order, and captures only what it has won", () => {
    const asked = { orderId: "ord_1", paymentId: "pay_1", attempt: 1, amount: total, cause: "event-7" };
    expect(winRequest(authorizing(), authorized)).toEqual(asked);
    const capture = { op: "capture", orderId: "ord_1", intentId: "pi_1" };
    expect(captureWon(authorizing(), authorized, { outcome: "won" })).toEqual(capture);
    for (const outcome of ["lost", "not-yet"] as const) {
      expect(captureWon(authorizing(), authorized, { outcome, reason: "" })).toBeUndefined();
    }
    expect(captureWon(authorizing(), authorized, undefined)).toBeUndefined();
  });

  test("does not ask for an order that has ended, nor without money, nor without a cause", () => {
    const declined: CallResult = { kind: "declined", attempt: 1, intentId: "pi_1", reason: "no" };
    expect(winRequest(authorizing({ ended: "OrderExpired" }), authorized)).toBeUndefined();
    expect(winRequest(authorizing({ cause: null }), authorized)).toBeUndefined();
    expect(winRequest(authorizing(), declined)).toBeUndefined();
    expect(winRequest(authorizing(), { kind: "captured", intentId: "pi_1" })).toBeUndefined();
    expect(capturedAtOnce(declined, { attempt: 1 })).toEqual(declined);
  });
});

describe("a capture at once", () => {
  test("ends the attempt in one step, and erases the card", () => {
    const waiting = authorizing({ next: { attempt: 2, token: "pm_card_amex" }, failureReason: "earlier" });
    const decision = applyResult(waiting, captured);
    expect(seen(decision)).toEqual(["CAPTURED", ["PaymentCaptured"], []]);
    expect(after(decision)).toMatchObject({
      ...{ intentId: "pi_1", token: null, next: null, clientSecret: null, failureReason: null },
    });
    expect(decision).toMatchObject({ events: [{ causationId: "event-7" }] });
  });

  test("that is refused fails the payment, and so the order", () => {
    const decision = applyResult(authorizing(), refused);
    expect(seen(decision)).toEqual(["CAPTURE_FAILED", ["PaymentCaptureFailed"], []]);
    const ended = handleEvent(after(decision), given("OrderConfirmationFailed"));
    expect(seen(ended)).toEqual(["VOIDING", [], ["ord_1:undo:pi_1"]]);
    const other = { ...captured, received: { amount: 1, currency: "USD" } };
    expect(seen(applyResult(authorizing(), other))).toEqual(["CAPTURE_FAILED", ["PaymentCaptureFailed"], []]);
  });

  test("of an order that was cancelled meanwhile is refunded, once", () => {
    const ended = after(handleEvent(authorizing(), given("OrderCancelled")));
    expect(ended.status).toBe("AUTHORIZING");
    const refunding = applyResult(ended, captured);
    expect(seen(refunding)).toEqual(["REFUNDING", [], ["ord_1:undo:pi_1"]]);
    // The other instance, and the task tried again after its lease, bring the same.
    expect(seen(applyResult(after(refunding), captured))).toBe("OLD_ANSWER");
    expect(seen(applyResult(after(refunding), authorized))).toBe("OLD_ANSWER");
    expect(seen(handleEvent(after(refunding), given("OrderCancelled")))).toBe("ALREADY_ENDED");
    const undo = callFor("undo", { orderId: "ord_1", intentId: "pi_1" }, after(refunding), true);
    expect(undo).toMatchObject({ call: { op: "undo", isCaptured: true } });
    expect(seen(applyResult(ended, refused))).toEqual(["VOIDING", [], ["ord_1:undo:pi_1"]]);
  });

  test("that is known already changes nothing, whoever brings it", () => {
    const paid = after(applyResult(authorizing(), captured));
    for (const late of [captured, refused, authorized])
      expect(seen(applyResult(paid, late))).toBe("OLD_ANSWER");
    const later = authorizing({ attempt: 2, intentId: "pi_1" });
    expect(seen(applyResult(later, captured))).toBe("OLD_ANSWER");
    const voiding = givenPayment({ status: "VOIDING", attempt: 1, intentId: "pi_1", ended: "OrderExpired" });
    expect(seen(applyResult(voiding, captured))).toBe("OLD_ANSWER");
  });

  test("counts for a payment whose authorisation a reading has found meanwhile", () => {
    for (const status of ["AUTHORIZED", "CAPTURING"] as const) {
      const found = givenPayment({ status, attempt: 1, intentId: "pi_1" });
      expect(seen(applyResult(found, captured))).toEqual(["CAPTURED", ["PaymentCaptured"], []]);
    }
  });
});

describe("a process that died after it had won or captured", () => {
  const taken: Intent = {
    ...{ id: "pi_1", status: "succeeded", attempt: 1, clientSecret: null, failure: null, received: total },
  };

  test("leaves the captured intent to the task, which asks and captures again", () => {
    for (const intentId of [null, "pi_1"]) {
      const state = authorizing({ intentId });
      expect(seen(applyIntent(state, taken, state.version))).toBe("LEFT_TO_THE_TASK");
    }
    const again = callFor("authorize", { orderId: "ord_1", attempt: 1 }, authorizing(), false);
    expect(again).toMatchObject({ call: { op: "authorize", attempt: 1 } });
  });

  test("loses no refund and no dispute: the books are read once the capture is written", () => {
    const dispute = { id: "dp_1", status: "OPEN", amount: 4200, reason: "fraudulent" } as const;
    const books = { intentId: "pi_1", captured: 4200, refunded: 200, dispute };
    const unknown = authorizing();
    expect(seen(applyBooks(unknown, books, unknown.version))).toBe("NOT_THIS_INTENT");
    const paid = after(applyResult(unknown, captured));
    expect(seen(applyBooks(paid, books, paid.version))).toEqual([
      ...["CAPTURED", ["PaymentRefundedAtProvider", "PaymentDisputed"], []],
    ]);
  });

  test("tells a won order that the money was lost before the capture, also when it asks", () => {
    const declined: CallResult = {
      kind: "declined",
      attempt: 1,
      intentId: "pi_1",
      reason: "lapsed",
      isIntentGone: true,
    };
    const failed = applyResult(authorizing(), declined);
    expect(seen(failed)).toEqual(["FAILED", ["PaymentFailed"], []]);
    expect(seen(handleEvent(after(failed), given("OrderPaid")))).toEqual(["FAILED", ["PaymentFailed"], []]);
    const asked = givenPayment({ status: "REQUIRES_ACTION", attempt: 2, intentId: "pi_1" });
    expect(seen(handleEvent(asked, given("OrderPaid")))).toMatchObject({ 1: ["PaymentActionRequired"] });

    const ended = after(applyResult(authorizing({ ended: "OrderCancelled: no" }), declined));
    expect(ended).toMatchObject({ status: "CANCELLED", failureReason: "lapsed" });
    expect(seen(handleEvent(ended, given("OrderCancelled")))).toMatchObject({ 1: ["PaymentFailed"] });
  });
});
