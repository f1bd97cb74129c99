import type { Decision } from "@shop/events";
import { describe, expect, test } from "vitest";
import { given, givenPayment } from "../../test/builders.ts";
import { handleEvent, type SubscribedEvent } from "./handle-event.ts";
import { newPayment, type Payment, type PaymentStatus } from "./payment.ts";

function after(state: Payment, ...events: SubscribedEvent[]) {
  const tasks: string[] = [];
  const published: string[] = [];
  for (const event of events) {
    const decision: Decision<Payment> = handleEvent(state, event);
    if (decision.outcome === "ignored") continue;
    state = decision.state;
    tasks.push(...decision.tasks.map((task) => task.id ?? task.kind));
    published.push(...decision.events.map((one) => one.type));
  }
  return { state, tasks, published };
}
const reasonOf = (decision: Decision<Payment>) =>
  decision.outcome === "ignored" ? decision.reason : "changed";

describe("an order with a payment method", () => {
  const initiated = given("OrderInitiated");
  const reserved = given("InventoryReserved");

  test.each([
    ["in their order", [initiated, reserved]],
    ["the other way round", [reserved, initiated]],
    ["each twice", [initiated, reserved, initiated, reserved]],
  ])("is authorised once when order and stock are heard of %s", (_, events) => {
    const { state, tasks } = after(newPayment("ord_1"), ...events);
    expect(tasks).toEqual(["ord_1:authorize:1"]);
    expect(state).toMatchObject({ status: "AUTHORIZING", attempt: 1, token: "pm_card_visa", next: null });
  });

  test("is not authorised before its stock is reserved", () => {
    expect(after(newPayment("ord_1"), initiated)).toMatchObject({ tasks: [], state: { status: "PENDING" } });
  });
});

describe("an order without a payment method", () => {
  const initiated = given("OrderInitiated", { paymentToken: null });
  const asked = given("PaymentRequested");
  const reserved = given("InventoryReserved");

  test.each([
    ["before the stock", [initiated, asked, reserved]],
    ["after the stock", [initiated, reserved, asked]],
    ["before the order itself", [asked, initiated, reserved]],
    ["and never of the order itself", [reserved, asked]],
  ])("is authorised when the customer's wish is heard %s", (_, events) => {
    expect(after(newPayment("ord_1"), ...events).tasks).toEqual(["ord_1:authorize:2"]);
  });

  test("keeps only the newest wish while it waits", () => {
    const newer = given("PaymentRequested", { attempt: 3, paymentToken: "pm_card_amex" });
    const { state } = after(newPayment("ord_1"), initiated, newer, asked, reserved);
    expect(state).toMatchObject({ attempt: 3, token: "pm_card_amex" });
  });
});

test("another card waits until the outcome of the one under way is known", () => {
  const { state, tasks } = after(
    givenPayment({ status: "AUTHORIZING", attempt: 1, token: "a" }),
    given("PaymentRequested", { attempt: 2, paymentToken: "b" }),
  );
  expect(tasks).toEqual([]);
  expect(state).toMatchObject({ status: "AUTHORIZING", attempt: 1, next: { attempt: 2, token: "b" } });
});

test.each(["FAILED", "REQUIRES_ACTION"] as const)(
  "another card is tried at once on a payment that is %s",
  (status) => {
    const before = givenPayment({
      status,
      attempt: 1,
      intentId: "pi_1",
      clientSecret: "s",
      failureReason: "no",
    });
    const { state, tasks } = after(before, given("PaymentRequested"));
    expect(tasks).toEqual(["ord_1:authorize:2"]);
    expect(state).toMatchObject({
      status: "AUTHORIZING",
      clientSecret: null,
      failureReason: null,
      intentId: "pi_1",
    });
  },
);

test("who has paid is not charged again", () => {
  for (const status of ["AUTHORIZED", "CAPTURING", "CAPTURED"] as const) {
    const state = givenPayment({ status, attempt: 1, intentId: "pi_1" });
    expect(reasonOf(handleEvent(state, given("PaymentRequested")))).toBe("ALREADY_PAID");
  }
});

test("an authorised payment is captured once the order is won, not before and not twice", () => {
  const won = given("OrderPaid");
  const { state, tasks } = after(
    givenPayment({ status: "AUTHORIZED", attempt: 1, intentId: "pi_1" }),
    won,
    won,
  );
  expect(tasks).toEqual(["ord_1:capture"]);
  expect(state).toMatchObject({ status: "CAPTURING", cause: won.id });
  expect(reasonOf(handleEvent(givenPayment(), won))).toBe("NOT_AUTHORIZED");
});

describe("an order that asks again, having missed the answer", () => {
  test.each([
    ["AUTHORIZED", "PaymentProcessed"],
    ["FAILED", "PaymentFailed"],
    ["REQUIRES_ACTION", "PaymentActionRequired"],
  ] as const)("gets the outcome of its attempt again: %s", (status, published) => {
    const tried = givenPayment({ status, attempt: 2, intentId: "pi_1" });
    const asked = given("PaymentRequested", { attempt: 2 });
    expect(after(tried, asked)).toMatchObject({
      published: [published],
      tasks: [],
      state: { version: tried.version },
    });
    expect(reasonOf(handleEvent(tried, given("OrderInitiated")))).toBe("OLD_ATTEMPT");
  });

  const again = (about: Partial<Payment>, event: SubscribedEvent) => {
    const state = givenPayment({ attempt: 1, intentId: "pi_1", ...about });
    const decision = handleEvent(state, event);
    if (decision.outcome === "ignored") return decision.reason;
    const { version, status } = decision.state;
    // Its version shows consumers that it is nothing new.
    expect([version, status, decision.tasks]).toEqual([state.version, state.status, []]);
    return decision.events.map(({ type, data }) => [type, "kind" in data ? data.kind : null]);
  };

  test("is answered again that its payment was captured, or never will be", () => {
    expect(again({ status: "CAPTURED" }, given("OrderPaid"))).toEqual([["PaymentCaptured", null]]);
    const refused = { status: "CAPTURE_FAILED", failureReason: "no" } as const;
    expect(again(refused, given("OrderPaid"))).toEqual([["PaymentCaptureFailed", null]]);
    expect(again({ status: "CAPTURING" }, given("OrderPaid"))).toBe("ALREADY_TAKEN");
  });

  test.each([given("OrderCancelled"), given("OrderExpired")])(
    "is answered again that its money is free",
    (end) => {
      const ended = "OrderCancelled: no";
      expect(again({ status: "VOIDED", ended }, end)).toEqual([["PaymentRefunded", "VOIDED"]]);
      const refunded = { status: "REFUNDED", ended, refunded: 4200 } as const;
      expect(again(refunded, end)).toEqual([["PaymentRefunded", "REFUNDED"]]);
      expect(again({ status: "CANCELLED", ended }, end)).toBe("ALREADY_ENDED");
      expect(again({ status: "REFUNDING", ended }, end)).toBe("ALREADY_ENDED");
    },
  );
});

describe("an order that ends", () => {
  const ends = [
    given("OrderCancelled"),
    given("OrderExpired"),
    given("OrderRejected"),
    given("OrderConfirmationFailed"),
  ];
  const expected: [PaymentStatus, PaymentStatus, string[]][] = [
    ["PENDING", "CANCELLED", []],
    ["AUTHORIZING", "AUTHORIZING", []],
    ["REQUIRES_ACTION", "CLOSING", ["ord_1:undo:pi_1"]],
    ["FAILED", "CLOSING", ["ord_1:undo:pi_1"]],
    ["AUTHORIZED", "VOIDING", ["ord_1:undo:pi_1"]],
    ["CAPTURING", "VOIDING", ["ord_1:undo:pi_1"]],
    ["CAPTURE_FAILED", "VOIDING", ["ord_1:undo:pi_1"]],
    ["CAPTURED", "REFUNDING", ["ord_1:undo:pi_1"]],
  ];

  test("reports the money of a refused capture as free, even where its intent is lost", () => {
    const lost = givenPayment({ status: "CAPTURE_FAILED", failureReason: "lost", intentId: null });
    for (const end of ends) {
      const { state, published, tasks } = after(lost, end);
      expect([state.status, published, tasks]).toEqual(["VOIDED", ["PaymentRefunded"], []]);
    }
  });

  test.each(expected)("takes a payment that is %s to %s, once", (status, next, wanted) => {
    for (const end of ends) {
      const intentId = status === "PENDING" ? null : "pi_1";
      const { state, tasks } = after(givenPayment({ status, attempt: 1, intentId }), end, ...ends);
      expect(state).toMatchObject({ status: next, cause: end.id });
      expect(tasks).toEqual(wanted);
    }
  });

  test.each(ends)("before it was heard of leaves a tombstone that nothing brings back to life", (end) => {
    const events = [
      end,
      given("InventoryReserved"),
      given("OrderInitiated"),
      given("PaymentRequested"),
      given("OrderPaid"),
    ];
    const { state, tasks, published } = after(newPayment("ord_1"), ...events);
    expect(state).toMatchObject({ status: "CANCELLED", total: { amount: 4200 }, token: null, next: null });
    expect(tasks).toEqual([]);
    expect(published).toEqual([]);
  });

  test("forgets the card that was still waiting", () => {
    const waiting = givenPayment({ next: { attempt: 1, token: "pm_card_visa" }, isReserved: false });
    expect(after(waiting, given("OrderExpired")).state.next).toBeNull();
  });
});
