import { describe, expect, test } from "vitest";
import { anOrder, neighbour as n, story } from "../../test/builders.ts";
import type { Message } from "./message.ts";

const toConfirmed = [anOrder(), n.reserved, n.processed(), n.captured] as const;
const toShipped = [...toConfirmed, n.scheduled, n.updated("SHIPPED", 2)] as const;
const remind: Message = { type: "RemindOthers" };
const rowsOf = (...happens: Parameters<typeof story>) => story(...happens).timeline.map(({ type }) => type);
const holds = (...happens: Parameters<typeof story>) =>
  story(...happens).said.filter((type) => type === "OrderHoldChanged");

describe("a full refund that was made at the provider", () => {
  const full = n.refundedAtProvider(true);

  test("cancels a confirmed order once shipping has stopped its parcels", () => {
    const asked = story(...toConfirmed, n.scheduled, full, full);
    expect(asked.order.status).toBe("CONFIRMED");
    expect(asked.said.at(-1)).toBe("OrderRecalled");
    const { order, said, timeline } = story(...toConfirmed, n.scheduled, full, n.recalled, n.released);
    expect(order).toMatchObject({ status: "CANCELLED", statusReason: "The payment was refunded." });
    expect(order.progress).toMatchObject({ money: "RETURNED", remindAt: null });
    expect(said.at(-1)).toBe("OrderCancelled");
    expect(timeline.map(({ type }) => type).slice(-3)).toEqual([
      ...["PAYMENT_REFUNDED", "ORDER_CANCELLED", "INVENTORY_RELEASED"],
    ]);
  });

  test("asks shipping again until it answers", () => {
    const { said } = story(...toConfirmed, full, 30, remind, 60, remind);
    expect(said.filter((type) => type === "OrderRecalled")).toHaveLength(3);
  });

  test("changes nothing when a parcel has left, also one that left while shipping was asked", () => {
    expect(story(...toShipped, full).last).toEqual({ outcome: "ignored", reason: "ALREADY_SHIPPED" });
    const { order } = story(...toConfirmed, n.scheduled, full, n.scheduledAgain("SHIPPED", 2));
    expect(order.status).toBe("SHIPPED");
  });

  test("cancels at once what is not confirmed yet, whatever comes first", () => {
    for (const before of [[anOrder(), n.reserved, n.processed()], [anOrder(), n.reserved], [anOrder()]]) {
      const { order, said } = story(...before, full, n.captured);
      expect(order.status).toBe("CANCELLED");
      expect(said).not.toContain("OrderConfirmed");
    }
  });

  test("is no news to an order that has ended, and a part of it to none", () => {
    const ended = story(...toConfirmed, n.calledOff, full);
    expect(ended.order.progress.money).toBe("RETURNED");
    expect(ended.timeline.filter(({ type }) => type === "PAYMENT_REFUNDED")).toEqual([]);
    expect(story(...toConfirmed, n.refundedAtProvider(false)).last).toMatchObject({ reason: "ONLY_A_PART" });
  });
});

describe("a dispute", () => {
  test("changes no status, is on the timeline, and holds what has not left until it is won", () => {
    for (const before of [toConfirmed, toShipped]) {
      const status = story(...before).order.status;
      const open = story(...before, n.disputed(), n.disputed());
      expect(open.order).toMatchObject({ status, progress: { dispute: { status: "OPEN" } } });
      expect(open.said.at(-1)).toBe("OrderHoldChanged");
      expect(open.timeline.at(-1)).toMatchObject({ type: "PAYMENT_DISPUTED", status });
      const won = story(...before, n.disputed(), n.disputeClosed("WON"));
      expect(won.order).toMatchObject({ status, progress: { dispute: { status: "WON" } } });
      expect(won.last).toMatchObject({ events: [{ type: "OrderHoldChanged", data: { isHeld: false } }] });
      expect(won.timeline.at(-1)).toMatchObject({ type: "PAYMENT_DISPUTE_CLOSED", status });
    }
  });

  test("that is lost goes on holding, for staff to cancel the order", () => {
    const { order, said } = story(...toConfirmed, n.disputed(), n.disputeClosed("LOST"));
    expect(order).toMatchObject({ status: "CONFIRMED", progress: { dispute: { status: "LOST" } } });
    expect(said.filter((type) => type === "OrderHoldChanged")).toHaveLength(1);
  });

  test("that is told late, twice or the wrong way round ends as the newest says", () => {
    expect(story(...toConfirmed, n.disputeClosed("WON"), n.disputed()).order.progress.dispute?.status).toBe(
      "WON",
    );
    expect(holds(...toConfirmed, n.disputeClosed("WON"), n.disputed())).toEqual([]);
    expect(rowsOf(...toConfirmed, n.disputed(), n.disputed(12))).toEqual([
      ...rowsOf(...toConfirmed),
      "PAYMENT_DISPUTED",
    ]);
  });

  test("of before the confirmation holds from that on", () => {
    const { said } = story(anOrder(), n.reserved, n.processed(), n.disputed(), n.captured);
    expect(said.slice(-2)).toEqual(["OrderConfirmed", "OrderHoldChanged"]);
  });

  test("is told to shipping again whenever its parcels are asked about", () => {
    const { last } = story(...toConfirmed, n.scheduled, n.disputed(), 24 * 3_600, remind);
    expect(last).toMatchObject({ events: [{ type: "ShipmentAwaited", data: { isHeld: true } }] });
  });

  test("of an order without goods, or one that has arrived, holds nothing", () => {
    expect(holds(...toConfirmed, n.calledOff, n.disputed())).toEqual([]);
    expect(holds(...toShipped, n.updated("DELIVERED", 3), n.disputed())).toEqual([]);
  });
});
