import { describe, expect, test } from "vitest";
import { given, givenPayment } from "../../test/builders.ts";
import { handleEvent } from "./handle-event.ts";
import { publicStatus, type Dispute, type Payment } from "./payment.ts";
import { applyBooks, type Books } from "./apply-books.ts";

const captured = (about: Partial<Payment> = {}) =>
  givenPayment({ status: "CAPTURED", intentId: "pi_1", ...about });
const books = (about: Partial<Books> = {}): Books => {
  return { intentId: "pi_1", captured: 4200, refunded: 0, dispute: null, ...about };
};
const open: Dispute = { id: "dp_1", status: "OPEN", amount: 4200, reason: "fraudulent" };

/** What becomes of a payment that is read once after another. */
function read(state: Payment, ...readings: Books[]) {
  const published: unknown[][] = [];
  for (const reading of readings) {
    const decision = applyBooks(state, reading, state.version);
    if (decision.outcome === "ignored") continue;
    state = decision.state;
    published.push(...decision.events.map(({ type, data }) => [type, data]));
  }
  return { state, published };
}

describe("a refund that was made at the provider", () => {
  test("in part changes the refunded amount, and is published as a partial refund", () => {
    const { state, published } = read(captured(), books({ refunded: 1000 }), books({ refunded: 1000 }));
    expect(state).toMatchObject({ status: "CAPTURED", refunded: 1000, ended: null });
    expect(publicStatus(state)).toBe("PARTIALLY_REFUNDED");
    expect(published).toMatchObject([
      ["PaymentRefundedAtProvider", { amount: { amount: 1000 }, isFull: false }],
    ]);
  });

  test("in full, in one or in parts, is published once as a full refund", () => {
    for (const way of [
      [4200, 4200],
      [1000, 4200, 4200],
    ]) {
      const { state, published } = read(captured(), ...way.map((refunded) => books({ refunded })));
      expect(state).toMatchObject({ status: "REFUNDED", refunded: 4200 });
      expect(published.filter(([, data]) => (data as { isFull: boolean }).isFull)).toHaveLength(1);
    }
  });

  test("that fails later takes the figures back", () => {
    const { state } = read(captured(), books({ refunded: 4200 }), books({ refunded: 0 }));
    expect(state).toMatchObject({ status: "CAPTURED", refunded: 0 });
  });

  test("is left to our own undo once the order has ended", () => {
    for (const status of ["REFUNDING", "REFUNDED"] as const) {
      const state = captured({ status, ended: "OrderCancelled: no" });
      expect(applyBooks(state, books({ refunded: 4200 }), 3)).toMatchObject({ reason: "NOTHING_NEW" });
    }
  });
});

describe("a dispute", () => {
  test("is published once when it opens, and once when it is decided", () => {
    const won: Dispute = { ...open, status: "WON" };
    const { state, published } = read(
      captured(),
      ...[open, open, won, won].map((dispute) => books({ dispute })),
    );
    expect(state).toMatchObject({ status: "CAPTURED", dispute: won });
    expect(published).toMatchObject([
      ["PaymentDisputed", { reason: "fraudulent", amount: { amount: 4200, currency: "USD" } }],
      ["PaymentDisputeClosed", { outcome: "WON" }],
    ]);
  });

  test("that was never seen open is published as decided", () => {
    const { published } = read(captured(), books({ dispute: { ...open, status: "LOST" } }));
    expect(published).toMatchObject([["PaymentDisputeClosed", { outcome: "LOST" }]]);
  });

  test("beside a refund is published with it, under a version of its own", () => {
    const decision = applyBooks(captured(), books({ refunded: 100, dispute: open }), 3);
    if (decision.outcome === "ignored") throw new Error("expected a change");
    expect(decision.events.map(({ aggregate }) => aggregate.version)).toEqual([4, 5]);
    expect(decision.state.version).toBe(5);
  });
});

test("a reading that is older than the payment, or of another intent, says nothing", () => {
  expect(applyBooks(captured(), books({ refunded: 1 }), 2)).toMatchObject({ reason: "STALE_READING" });
  expect(applyBooks(captured(), books({ intentId: "pi_2" }), 3)).toMatchObject({ reason: "NOT_THIS_INTENT" });
});

test("order, which may have missed it, is told again what stands when it asks about its parcels", () => {
  const awaited = given("ShipmentAwaited");
  expect(handleEvent(captured(), awaited)).toMatchObject({ reason: "NOTHING_TO_SAY" });
  expect(handleEvent(captured({ refunded: 100 }), awaited)).toMatchObject({ reason: "NOTHING_TO_SAY" });
  const said = handleEvent(captured({ status: "REFUNDED", refunded: 4200, dispute: open }), awaited);
  expect(said).toMatchObject({
    events: [
      { type: "PaymentRefundedAtProvider", data: { isFull: true }, causationId: awaited.id },
      { type: "PaymentDisputed", causationId: awaited.id },
    ],
  });
});
