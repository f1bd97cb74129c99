import { changed, ignored, type NewEvent } from "@shop/events";
import type { Payment } from "@shop/payment/domain";
import { afterEach, misstated, outgoing, payment, dropped, unpublished, type Mutant } from "./mutant.ts";

const published = [
  "PaymentProcessed",
  "PaymentFailed",
  "PaymentActionRequired",
  "PaymentCaptured",
  "PaymentCaptureFailed",
  "PaymentRefunded",
] as const;
const subscribed = [
  "OrderInitiated",
  "InventoryReserved",
  "PaymentRequested",
  "OrderPaid",
  "OrderCancelled",
  "OrderExpired",
  "OrderRejected",
] as const;
const ends = new Set<string>(["OrderCancelled", "OrderExpired", "OrderRejected", "OrderConfirmationFailed"]);
/** Where an order's end finds a payment, each with an undo of its own. */
const foundAtEnd = [
  "PENDING",
  "AUTHORIZING",
  "REQUIRES_ACTION",
  "FAILED",
  "AUTHORIZED",
  "CAPTURING",
  "CAPTURED",
] as const;

const isOpen = ({ ended }: Payment) => ended === null;

/** Mistakes in payment's decisions. */
export const paymentMutants: Mutant[] = [
  ...published.map((type) => unpublished("payment", type)),
  ...subscribed.map((type) =>
    payment(`never handles ${type}`, ({ handleEvent }) => ({
      handleEvent: (before, event) =>
        event.type === type ? ignored("FORGOTTEN") : handleEvent(before, event),
    })),
  ),
  ...["authorize", "capture", "undo"].map((kind) => dropped("payment", kind)),
  ...foundAtEnd.map((status) =>
    payment(`doesn't end what is ${status}`, ({ handleEvent }) => ({
      handleEvent: (before, event) =>
        ends.has(event.type) && before.status === status && before.version > 0
          ? ignored("FORGOTTEN")
          : handleEvent(before, event),
    })),
  ),
  ...(["CLOSING", "VOIDING", "REFUNDING"] as const).map((status): Mutant => {
    const after = { CLOSING: "CANCELLED", VOIDING: "VOIDED", REFUNDING: "REFUNDED" } as const;
    return payment(`is done with ${status} before the bank is`, (ours) =>
      afterEach(ours, (decision) => {
        if (decision.outcome === "ignored" || decision.state.status !== status) return decision;
        return { ...decision, tasks: [], state: { ...decision.state, status: after[status] } };
      }),
    );
  }),
  payment("forgets the end of an order that it doesn't know yet", ({ handleEvent }) => ({
    handleEvent: (before, event) =>
      ends.has(event.type) && before.version === 0 ? ignored("UNKNOWN") : handleEvent(before, event),
  })),
  payment("authorises before the stock is reserved", ({ handleEvent }) => ({
    handleEvent: (before, event) =>
      handleEvent({ ...before, isReserved: event.type === "OrderInitiated" || before.isReserved }, event),
  })),
  payment("captures what has not won", (ours) =>
    afterEach(ours, (decision, before) => {
      if (decision.outcome === "ignored" || decision.state.status !== "AUTHORIZED") return decision;
      if (before.status === "AUTHORIZED") return decision;
      const { orderId } = decision.state;
      const task = { kind: "capture", id: `${orderId}:capture`, payload: { orderId } };
      return changed({ ...decision.state, status: "CAPTURING" as const }, decision.events, [task]);
    }),
  ),
  payment("captures for an order that has ended", ({ handleEvent }) => ({
    handleEvent(before, event) {
      if (event.type !== "OrderPaid" || isOpen(before)) return handleEvent(before, event);
      return handleEvent({ ...before, ended: null, status: "AUTHORIZED" }, event);
    },
  })),
  payment("keeps what is authorised after the end", ({ applyResult }) => ({
    applyResult: (before, answer) =>
      applyResult(answer.kind === "authorized" ? { ...before, ended: null } : before, answer),
  })),
  payment("begins a second attempt beside the first", ({ handleEvent }) => ({
    handleEvent: (before, event) =>
      event.type === "PaymentRequested" && before.status === "AUTHORIZING"
        ? handleEvent({ ...before, status: "FAILED", intentId: null }, event)
        : handleEvent(before, event),
  })),
  payment("forgets the method that waits for the one under way", ({ applyResult }) => ({
    applyResult: (before, answer) => applyResult({ ...before, next: null }, answer),
  })),
  payment("makes a new intent for each attempt", ({ callFor }) => ({
    callFor(kind, task, state, isFirstTry) {
      return callFor(kind, task, kind === "authorize" ? { ...state, intentId: null } : state, isFirstTry);
    },
  })),
  payment("authorises a cent more", ({ callFor }) => ({
    callFor(kind, task, state, isFirstTry) {
      const total = state.total && { ...state.total, amount: state.total.amount + 1 };
      return callFor(kind, task, { ...state, total }, isFirstTry);
    },
  })),
  payment("takes 3-D Secure for a decline", ({ applyIntent }) => ({
    applyIntent: (before, intent, asOf) =>
      applyIntent(
        before,
        intent.status === "requires_capture" ? { ...intent, status: "open" } : intent,
        asOf,
      ),
  })),
  payment("doesn't look when the customer is done with the bank", () => ({
    applyIntent: () => ignored("LATER"),
  })),
  payment("writes a refund as nothing", ({ applyResult }) => ({
    applyResult: (before, answer) =>
      applyResult(before, answer.kind === "refunded" ? { ...answer, amount: 0 } : answer),
  })),
  payment("takes a refused capture for done", ({ applyResult }) => ({
    applyResult: (before, answer) =>
      applyResult(
        before,
        answer.kind === "capture-refused" ? { kind: "captured", intentId: answer.intentId } : answer,
      ),
  })),
  payment("keeps the token of what is done", (ours) =>
    afterEach(ours, (decision, before) =>
      decision.outcome === "ignored"
        ? decision
        : { ...decision, state: { ...decision.state, token: before.token ?? decision.state.token } },
    ),
  ),
  misstated("payment", "PaymentProcessed", "of a cent more", (data) => ({
    ...data,
    amount: { ...data.amount, amount: data.amount.amount + 1 },
  })),
  misstated("payment", "PaymentCaptured", "of half of it", (data) => ({
    ...data,
    amount: { ...data.amount, amount: Math.floor(data.amount.amount / 2) },
  })),
  misstated("payment", "PaymentRefunded", "of a cent less", (data) => ({
    ...data,
    amount: { ...data.amount, amount: data.amount.amount - 1 },
  })),
  misstated("payment", "PaymentRefunded", "as VOIDED, whatever it was", (data) => ({
    ...data,
    kind: "VOIDED",
  })),
  {
    name: "payment says PaymentCaptured when it has authorised",
    mutate: outgoing("payment", ({ events }) => ({
      events: events.flatMap((one): NewEvent[] => {
        if (one.type !== "PaymentProcessed") return [one];
        const { orderId, paymentId, amount } = one.data;
        return [one, { ...one, type: "PaymentCaptured", data: { orderId, paymentId, amount } }];
      }),
    })),
  },
  payment("calls an attempt off that may be under way", ({ callFor }) => ({
    callFor: (kind, task, state) => callFor(kind, task, state, true),
  })),
];
