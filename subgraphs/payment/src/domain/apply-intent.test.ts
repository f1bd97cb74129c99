import { money } from "@shop/values";
import { describe, expect, test } from "vitest";
import { given, givenPayment } from "../../test/builders.ts";
import { newPayment, type Payment } from "./payment.ts";
import { applyIntent, type Intent } from "./apply-intent.ts";
import { applyResult } from "./apply-result.ts";
import { handleEvent } from "./handle-event.ts";

const intent = (status: Intent["status"], about: Partial<Intent> = {}): Intent => {
  return { id: "pi_1", status, attempt: 1, clientSecret: "secret", failure: null, ...about };
};
const paying = (status: Payment["status"], about: Partial<Payment> = {}) =>
  givenPayment({ status, attempt: 1, intentId: "pi_1", ...about });
function read(state: Payment, found: Intent) {
  const decision = applyIntent(state, found, state.version);
  if (decision.outcome === "ignored") return decision.reason;
  const { events, tasks } = decision;
  return [decision.state.status, ...events.map((event) => event.type), ...tasks.map((task) => task.id)];
}

describe("looking at the provider", () => {
  test("finds 3-D Secure passed or failed", () => {
    const waiting = paying("REQUIRES_ACTION", { clientSecret: "secret" });
    expect(read(waiting, intent("requires_action"))).toBe("NOTHING_NEW");
    expect(read(waiting, intent("requires_capture"))).toEqual(["AUTHORIZED", "PaymentProcessed"]);
    expect(read(waiting, intent("open"))).toEqual(["FAILED", "PaymentFailed"]);
    expect(read(waiting, intent("canceled"))).toEqual(["FAILED", "PaymentFailed"]);
  });

  test("finds that a customer tried again with the provider's own library", () => {
    expect(read(paying("FAILED"), intent("requires_capture"))).toEqual(["AUTHORIZED", "PaymentProcessed"]);
    expect(read(paying("FAILED"), intent("requires_action"))).toEqual([
      "REQUIRES_ACTION",
      "PaymentActionRequired",
    ]);
    expect(read(paying("FAILED"), intent("open"))).toBe("NOTHING_NEW");
  });

  test("finds an authorisation whose answer was lost, and leaves a decline to the attempt's own task", () => {
    const asking = paying("AUTHORIZING", { intentId: null, token: "pm_card_visa" });
    expect(read(asking, intent("requires_capture"))).toEqual(["AUTHORIZED", "PaymentProcessed"]);
    expect(read(asking, intent("open"))).toBe("LEFT_TO_THE_TASK");
    expect(read(paying("AUTHORIZING", { attempt: 2 }), intent("open"))).toBe("LEFT_TO_THE_TASK");
  });

  test("finds a capture whose answer was lost", () => {
    expect(read(paying("CAPTURING"), intent("succeeded"))).toEqual(["CAPTURED", "PaymentCaptured"]);
    expect(read(paying("CAPTURING"), intent("requires_capture"))).toBe("NOTHING_NEW");
  });

  test("finds that the bank let an authorisation lapse", () => {
    expect(read(paying("AUTHORIZED"), intent("canceled"))).toEqual([
      "CAPTURE_FAILED",
      "PaymentCaptureFailed",
    ]);
    expect(read(paying("CAPTURING"), intent("canceled"))).toEqual(["CAPTURE_FAILED", "PaymentCaptureFailed"]);
  });

  test("finds that money is held for an order that has ended, and tells of it, so that its release can be told", () => {
    const ended = { ended: "OrderExpired" };
    expect(read(paying("CLOSING", ended), intent("requires_capture"))).toEqual([
      "VOIDING",
      "PaymentProcessed",
      "ord_1:undo:pi_1",
    ]);
    expect(read(paying("CLOSING", ended), intent("requires_action"))).toBe("LEFT_TO_THE_TASK");
  });

  test("of which a part was captured by hand fails the capture, so that the order gives the part back", () => {
    const part = money(1, "USD");
    for (const status of ["AUTHORIZED", "CAPTURING"] as const) {
      const state = paying(status);
      expect(applyIntent(state, intent("succeeded", { received: part }), state.version)).toMatchObject({
        state: { status: "CAPTURE_FAILED" },
        events: [{ type: "PaymentCaptureFailed" }],
      });
      const whole = intent("succeeded", { received: state.total });
      expect(applyIntent(state, whole, state.version)).toMatchObject({ state: { status: "CAPTURED" } });
    }
    const state = paying("CAPTURING");
    expect(applyResult(state, { kind: "captured", intentId: "pi_1", received: part })).toMatchObject({
      state: { status: "CAPTURE_FAILED" },
    });
  });

  test("never moves a payment back", () => {
    for (const status of ["CAPTURED", "REFUNDED", "CANCELLED", "VOIDED", "CAPTURE_FAILED"] as const) {
      for (const found of ["open", "requires_action", "requires_capture", "succeeded", "canceled"] as const) {
        expect(read(paying(status), intent(found))).toBe("NOTHING_NEW");
      }
    }
  });

  test("says nothing when the payment moved after the look", () => {
    const decision = applyIntent(paying("REQUIRES_ACTION"), intent("requires_capture"), 2);
    expect(decision).toEqual({ outcome: "ignored", reason: "STALE_READING" });
  });
});

describe("an intent that is not the payment's own", () => {
  const stray = (status: Intent["status"]) => intent(status, { id: "pi_9", attempt: 7 });

  test("is remembered and undone, once", () => {
    const before = paying("CAPTURED");
    const decision = applyIntent(before, stray("requires_capture"), before.version);
    expect(decision).toMatchObject({
      state: { status: "CAPTURED", intentId: "pi_1", pastIntents: ["pi_9"] },
      tasks: [{ kind: "undo", payload: { orderId: "ord_1", intentId: "pi_9" } }],
    });
    if (decision.outcome === "ignored") throw new Error("expected a change");
    expect(read(decision.state, stray("requires_capture"))).toBe("KNOWN_STRAY");
  });

  test("has its order asked for when it has taken money, also when it was to be let go", () => {
    for (const state of [paying("CAPTURED"), newPayment("ord_1"), paying("PENDING", { intentId: null })]) {
      const remembered = { ...state, pastIntents: ["pi_9"] };
      for (const one of [state, remembered]) expect(read(one, stray("succeeded"))).toBe("UNKNOWN_CAPTURE");
    }
  });

  test("is only remembered when it is cancelled already", () => {
    const decision = applyIntent(paying("CAPTURED"), stray("canceled"), 3);
    expect(decision).toMatchObject({ state: { pastIntents: ["pi_9"] }, tasks: [] });
  });

  test("is undone when nobody knows its order", () => {
    const decision = applyIntent(newPayment("ord_1"), stray("requires_capture"), 0);
    expect(decision).toMatchObject({ state: { version: 1 }, tasks: [{ kind: "undo" }] });
  });

  test("is free for an order that counts on it, though the payment knows nothing else of that order", () => {
    const found = { ...stray("requires_capture"), asked: money(4200, "USD") };
    const decisions = [applyIntent(newPayment("ord_1"), found, 0)];
    for (const event of [given("OrderPaid"), given("OrderConfirmationFailed"), given("OrderCancelled")]) {
      const before = decisions.at(-1);
      if (before?.outcome !== "changed") throw new Error("expected a change");
      decisions.push(handleEvent(before.state, event));
    }
    const published = decisions.map((one) => (one.outcome === "changed" ? one.events : []));
    expect(published.map((events) => events.map(({ type }) => type))).toEqual([
      [],
      ["PaymentCaptureFailed"],
      ["PaymentRefunded"],
      ["PaymentRefunded"],
    ]);
  });
});
