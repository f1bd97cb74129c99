import { expect, test } from "vitest";
import { anOrder, events as n, received, story } from "../../test/builders.ts";
import type { Message } from "./message.ts";
import { replyToWin } from "./win-order.ts";

const cause = "019ad4a1-2c00-7000-8000-000000000001";
const usd = (amount: number) => ({ amount, currency: "USD" });
const win = (attempt = 1, amount = 1200): Message => ({
  ...{ type: "WinOrder", id: cause, paymentId: "pay_1", attempt, amount: usd(amount) },
});
const pay: Message = { type: "PayOrder", paymentToken: "pm_card_amex" };
const cancel: Message = {
  ...{ type: "CancelOrder", by: "CUSTOMER", reason: null, request: "key-1", isCalledOff: false },
};
const expire: Message = { type: "ExpireOrder" };

const replyTo = (...steps: Parameters<typeof story>) => replyToWin(story(...steps).last);
const shown = ({ timeline }: ReturnType<typeof story>) =>
  timeline.map(({ type, status }) => `${type} ${status}`);

test("a payment wins its order by a request, captures, and the timeline is that of the events", () => {
  const won = story(anOrder(), n.reserved, win());
  expect(replyToWin(won.last)).toEqual({ outcome: "won" });
  expect(won.order.progress).toMatchObject({ money: "AUTHORISED", paymentId: "pay_1", paymentToken: null });
  expect(won.timeline.at(-1)).toMatchObject({
    type: "PAYMENT_PROCESSED",
    status: "PAID",
    causationId: cause,
  });

  const confirmed = story(anOrder(), n.reserved, win(), n.captured);
  expect(shown(confirmed)).toEqual(shown(story(anOrder(), n.reserved, n.processed(), n.captured)));
  expect(confirmed.published).toEqual(["OrderInitiated", "OrderConfirmed"]);
});

test("asked again, order gives the winner the same reply, and no other attempt", () => {
  for (const later of [[], [n.captured], [n.captured, n.scheduled, n.updated("SHIPPED", 2)]]) {
    const steps = [anOrder(), n.reserved, win(), ...later];
    const again = story(...steps, win());
    expect(replyToWin(again.last)).toEqual({ outcome: "won" });
    expect(again.order).toEqual(story(...steps).order);
    expect(replyTo(...steps, win(2))).toEqual({ outcome: "not-yet", reason: "ALREADY_PAID" });
  }
  expect(replyTo(anOrder(), n.reserved, n.processed(), win())).toMatchObject({ outcome: "not-yet" });
});

test("the reply for an order that has ended is lost, also to the attempt that had won it", () => {
  for (const end of [[cancel], [900, expire]]) {
    expect(replyTo(anOrder(), n.reserved, ...end, win())).toEqual({ outcome: "lost", reason: "ORDER_ENDED" });
  }
  expect(replyTo(anOrder(), n.reserved, win(), cancel, win())).toMatchObject({ outcome: "lost" });
  expect(replyTo(anOrder(), n.refused, win())).toMatchObject({ outcome: "lost" });
});

test("whatever can't be decided by a request is left to the event", () => {
  const notYet = (reason: string) => ({ outcome: "not-yet", reason });
  expect(replyTo(anOrder(), win())).toEqual(notYet("NOT_RESERVED"));
  expect(replyTo(anOrder(), n.reserved, win(1, 1201))).toEqual(notYet("OTHER_AMOUNT"));
  expect(replyTo(anOrder(), n.reserved, n.declined(1), win())).toEqual(notYet("ATTEMPT_OVER"));
  expect(replyTo(anOrder(), n.reserved, n.declined(1), pay, n.declined(2), win(1))).toEqual(
    notYet("ATTEMPT_OVER"),
  );
  expect(replyTo(anOrder(), n.reserved, n.declined(1), pay, win(2))).toEqual({ outcome: "won" });
  // Stock that was given back is reserved anew by the event alone.
  const unheld = received("InventoryReserved", { ...n.reserved.data, mayBeHeld: false } as never);
  expect(replyTo(anOrder({ paymentToken: null }), unheld, pay, win(2))).toEqual(notYet("NOT_RESERVED"));
});

test("a request does not win what expiry or a cancel has, and the first of two attempts wins", () => {
  const steps = [anOrder(), n.reserved, pay, win(1), win(2)];
  const { order, timeline } = story(...steps);
  expect(order).toMatchObject({ status: "PAID", progress: { wonBy: 1, attempt: 2 } });
  expect(timeline.filter(({ type }) => type === "PAYMENT_PROCESSED")).toHaveLength(1);
  expect(story(anOrder(), n.reserved, win(), 900, expire).order.status).toBe("PAID");
});

test("a winner whose reply was lost goes on by events: OrderPaid, and no second row", () => {
  const { published, timeline, order } = story(anOrder(), n.reserved, win(), n.processed(), n.captured);
  expect(published).toEqual(["OrderInitiated", "OrderPaid", "OrderConfirmed"]);
  expect(timeline.filter(({ type }) => type === "PAYMENT_PROCESSED")).toHaveLength(1);
  expect(order.status).toBe("CONFIRMED");
  // After the end as well: the row is there already.
  const ended = story(anOrder(), n.reserved, win(), cancel, n.processed());
  expect(ended.timeline.filter(({ type }) => type === "PAYMENT_PROCESSED")).toHaveLength(1);
  expect(ended.published).not.toContain("OrderPaid");
});

test("a capture that is refused for good after the win undoes the order, and reminders repeat it until the authorisation is free", () => {
  const steps = [anOrder(), n.reserved, win(), n.captureFailed, n.released];
  const { order, published } = story(...steps);
  expect(order).toMatchObject({ status: "CANCELLED", progress: { money: "AUTHORISED" } });
  expect(order.progress.remindAt).not.toBeNull();
  expect(published.slice(1)).toEqual(["OrderConfirmationFailed", "OrderCancelled"]);
  const free = story(...steps, n.refunded("VOIDED")).order;
  expect(free.progress).toMatchObject({ money: "RETURNED", remindAt: null });
});

test("an attempt that was lost after it had won undoes the order, as does the outcome of a later one", () => {
  const lost = story(anOrder(), n.reserved, win(), n.declined(1));
  expect(lost.order).toMatchObject({ status: "CANCELLED", progress: { money: "RETURNED" } });
  expect(lost.published.slice(1)).toEqual(["OrderConfirmationFailed", "OrderCancelled"]);
  expect(shown(lost).slice(-3)).toEqual([
    ...["PAYMENT_FAILED PAID", "ORDER_CONFIRMATION_FAILED PAID", "ORDER_CANCELLED CANCELLED"],
  ]);
  const later = received("PaymentActionRequired", { orderId: "ord_1", paymentId: "pay_1", attempt: 2 }, 7);
  expect(story(anOrder(), n.reserved, pay, win(1), later).order.status).toBe("CANCELLED");
  // What it has captured can't be lost, and an earlier attempt says nothing of it.
  expect(story(anOrder(), n.reserved, win(), n.captured, n.declined(1)).order.status).toBe("CONFIRMED");
  expect(story(anOrder(), n.reserved, pay, win(2), n.declined(1)).order.status).toBe("PAID");
});

test("a cancelled order whose winner was lost waits for no money any more", () => {
  const steps = [anOrder(), n.reserved, win(), cancel, n.released];
  expect(story(...steps).order.progress.remindAt).not.toBeNull();
  const { order, published } = story(...steps, n.declined(1));
  expect(order.progress).toMatchObject({ money: "RETURNED", remindAt: null });
  expect(published).toEqual(["OrderInitiated", "OrderCancelled"]);
});

test("a failure that payment repeats to an order that has ended is shown once", () => {
  const again = received(
    "PaymentFailed",
    { orderId: "ord_1", paymentId: "pay_1", attempt: 1, reason: "no" },
    8,
  );
  const { timeline, last } = story(anOrder(), n.reserved, n.declined(1), cancel, again);
  expect(last).toEqual({ outcome: "ignored", reason: "ALREADY_SHOWN" });
  expect(timeline.filter(({ type }) => type === "PAYMENT_FAILED")).toHaveLength(1);
});
