import { describe, expect, test } from "vitest";
import { anOrder, events as n, received, story } from "../../test/builders.ts";
import type { Message } from "./message.ts";

const unpaid = anOrder({ paymentToken: null });
const waiting = [unpaid, n.reserved] as const;
const pay: Message = { type: "PayOrder", paymentToken: "pm_card_visa" };
const expire: Message = { type: "ExpireOrder" };
const rowsOf = ({ timeline }: ReturnType<typeof story>) =>
  timeline.map(({ type, status }) => `${type} ${status}`);
const paid = ["PAYMENT_PROCESSED PAID", "ORDER_CONFIRMED CONFIRMED"];

describe("an order that never asked for a payment", () => {
  test.each([
    [
      "needs the customer",
      received("PaymentActionRequired", { orderId: "ord_1", paymentId: "pay_1", attempt: 2 }),
    ],
    ["was processed", n.processed(2)],
    ["was declined", n.declined(2)],
    ["was captured", n.captured],
    ["could not be captured", n.captureFailed],
    ["was let go", n.refunded("VOIDED")],
    ["was paid back", n.refunded("REFUNDED")],
    ["was paid back at the provider", n.refundedAtProvider(true)],
    ["was paid back in part", n.refundedAtProvider(false)],
    ["is disputed", n.disputed()],
    ["was disputed", n.disputeClosed("WON")],
  ])("knows its payment from the news that it %s", (_, first) => {
    for (const before of [[unpaid], waiting, [...waiting, 900, expire]]) {
      const { order, last } = story(...before, first);
      expect([last.outcome, order.progress.paymentId]).toEqual(["changed", "pay_1"]);
    }
  });

  test("shows the payment and PAID before it is confirmed, all caused by the capture", () => {
    const { timeline, published, last } = story(...waiting, n.captured);
    expect(published.slice(1)).toEqual(["OrderPaid", "OrderConfirmed"]);
    const shown = timeline.slice(2);
    expect(shown.map(({ type, status }) => `${type} ${status}`)).toEqual(paid);
    expect(shown.map(({ counter, causationId }) => [counter, causationId])).toEqual([
      [3, n.captured.id],
      [4, n.captured.id],
    ]);
    expect(last).toMatchObject({ state: { status: "CONFIRMED", counter: 4 } });
  });

  test("shows it once, however late and often what came before the capture arrives", () => {
    for (const late of [n.processed(2), n.refundedAtProvider(false), n.disputed(9)]) {
      const rows = rowsOf(story(...waiting, n.captured, late, n.captured, late));
      expect(rows.filter((row) => row.startsWith("PAYMENT_PROCESSED"))).toEqual(["PAYMENT_PROCESSED PAID"]);
    }
    expect(rowsOf(story(...waiting, n.disputed(), n.captured)).slice(-2)).toEqual(paid);
    expect(rowsOf(story(...waiting, n.refundedAtProvider(false), n.captured)).slice(-2)).toEqual(paid);
  });

  test("is PAID and CONFIRMED also where the stock answers last", () => {
    expect(rowsOf(story(unpaid, n.captured, n.reserved))).toEqual([
      ...["ORDER_INITIATED CREATED", "PAYMENT_PROCESSED CREATED"],
      ...["INVENTORY_RESERVED PAID", "ORDER_CONFIRMED CONFIRMED"],
    ]);
  });

  test("shows what was paid before what is paid back", () => {
    const ended = [...waiting, 900, expire] as const;
    for (const [given, back] of [
      [ended, n.refunded("REFUNDED")],
      [waiting, n.refundedAtProvider(true)],
    ] as const) {
      const types = story(...given, back, n.processed(2)).timeline.map(({ type }) => type);
      const at = types.indexOf("PAYMENT_REFUNDED");
      expect(types[at - 1]).toBe("PAYMENT_PROCESSED");
      expect(types.filter((type) => type === "PAYMENT_PROCESSED")).toHaveLength(1);
    }
    // Perhaps nothing was authorised.
    expect(rowsOf(story(...ended, n.refunded("VOIDED"))).at(-2)).toBe("ORDER_EXPIRED EXPIRED");
  });

  test("asks under a new number after a declined attempt that it had forgotten", () => {
    const { last } = story(...waiting, n.declined(4), pay);
    expect(last).toMatchObject({ events: [{ type: "PaymentRequested", data: { attempt: 5 } }] });
  });
});
