import { money } from "@shop/values";
import { describe, expect, test } from "vitest";
import { adoptCapture } from "./adopt-capture.ts";
import { givenPayment } from "../../test/builders.ts";
import { newPayment, type Payment } from "./payment.ts";
import type { Intent } from "./apply-intent.ts";

const total = money(4200, "USD");
const live = { outcome: "known", total, isOver: false } as const;
const intent: Intent = {
  ...{ id: "pi_9", status: "succeeded", attempt: 2, clientSecret: null, failure: null, received: total },
};
const adopt = (state: Payment, order: Parameters<typeof adoptCapture>[2] = live, found = intent) =>
  adoptCapture(state, found, order, state.version);

describe("a capture that no payment owns", () => {
  test.each([
    ["without a row", newPayment("ord_1")],
    ["with a row of before its authorisation", givenPayment({ status: "PENDING", pastIntents: ["pi_9"] })],
    [
      "with a row that says declined",
      givenPayment({ status: "FAILED", intentId: "pi_1", failureReason: "No." }),
    ],
    [
      "with an authorisation made again after a restore",
      givenPayment({ status: "AUTHORIZED", intentId: "pi_1" }),
    ],
  ])("becomes the payment of its live order, %s", (_, state) => {
    const adopted = adopt(state);
    expect(adopted).toMatchObject({
      outcome: "changed",
      state: {
        ...{ status: "CAPTURED", intentId: "pi_9", total, attempt: 2, failureReason: null },
        token: null,
      },
      events: [{ type: "PaymentCaptured", data: { amount: total } }],
    });
    if (adopted.outcome !== "changed") throw new Error("expected a change");
    expect(adopted.state.version, "no version that was said before").toBeGreaterThan(state.version + 100);
    expect(adopted.state.pastIntents).not.toContain("pi_9");
    expect(adopted.tasks.map(({ id }) => id)).toEqual(state.intentId ? ["ord_1:undo:pi_1"] : []);
  });

  test("is paid back when its order is over, by whichever of the two says so", () => {
    const undone = {
      ...{ outcome: "changed", state: { status: "REFUNDING", intentId: "pi_9" }, events: [] },
      tasks: [{ kind: "undo", payload: { intentId: "pi_9" } }],
    };
    expect(adopt(newPayment("ord_1"), { ...live, isOver: true })).toMatchObject(undone);
    expect(adopt(givenPayment({ status: "CANCELLED", ended: "OrderExpired" }))).toMatchObject(undone);
  });

  test("is left to a person when it doesn't fit", () => {
    expect(adopt(newPayment("ord_1"), { outcome: "unknown" })).toEqual({
      ...{ outcome: "parked", reason: "UNKNOWN_ORDER" },
    });
    for (const received of [null, money(4199, "USD"), money(4200, "EUR")]) {
      expect(adopt(newPayment("ord_1"), live, { ...intent, received })).toMatchObject({
        reason: "OTHER_AMOUNT",
      });
    }
    for (const status of ["AUTHORIZING", "CAPTURING", "CAPTURED", "REFUNDING", "REFUNDED"] as const) {
      expect(adopt(givenPayment({ status, intentId: "pi_1" }))).toMatchObject({ reason: "SECOND_PAYMENT" });
    }
  });

  test("is judged by the payment as it is now", () => {
    expect(adoptCapture(givenPayment(), intent, live, 2)).toMatchObject({ reason: "STALE_READING" });
  });
});
