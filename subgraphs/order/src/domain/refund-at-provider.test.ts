import { describe, expect, test } from "vitest";
import { anOrder, events as n, story } from "../../test/builders.ts";
import type { Message } from "./message.ts";

const toConfirmed = [anOrder(), n.reserved, n.processed(), n.captured] as const;
const toShipped = [...toConfirmed, n.scheduled, n.updated("SHIPPED", 2)] as const;
const remind: Message = { type: "SendReminders" };

describe("a full refund that was made at the provider", () => {
  const full = n.refundedAtProvider(true);

  test("cancels a confirmed order once shipping has stopped its parcels", () => {
    const asked = story(...toConfirmed, n.scheduled, full, full);
    expect(asked.order.status).toBe("CONFIRMED");
    expect(asked.published.at(-1)).toBe("OrderRecalled");
    const { order, published, timeline } = story(...toConfirmed, n.scheduled, full, n.recalled, n.released);
    expect(order).toMatchObject({ status: "CANCELLED", statusReason: "The payment was refunded." });
    expect(order.progress).toMatchObject({ money: "RETURNED", remindAt: null });
    expect(published.at(-1)).toBe("OrderCancelled");
    expect(timeline.map(({ type }) => type).slice(-3)).toEqual([
      ...["PAYMENT_REFUNDED", "ORDER_CANCELLED", "INVENTORY_RELEASED"],
    ]);
  });

  test("asks shipping again until it answers", () => {
    const { published } = story(...toConfirmed, full, 30, remind, 60, remind);
    expect(published.filter((type) => type === "OrderRecalled")).toHaveLength(3);
  });

  test("changes nothing when a parcel has left, also one that left while shipping was asked", () => {
    expect(story(...toShipped, full).last).toEqual({ outcome: "ignored", reason: "ALREADY_SHIPPED" });
    const { order } = story(...toConfirmed, n.scheduled, full, n.scheduledAgain("SHIPPED", 2));
    expect(order.status).toBe("SHIPPED");
  });

  test("cancels at once what is not confirmed yet, whatever comes first", () => {
    for (const before of [[anOrder(), n.reserved, n.processed()], [anOrder(), n.reserved], [anOrder()]]) {
      const { order, published } = story(...before, full, n.captured);
      expect(order.status).toBe("CANCELLED");
      expect(published).not.toContain("OrderConfirmed");
    }
  });

  test("is no news to an order that has ended, and a part of it to none", () => {
    const ended = story(...toConfirmed, n.calledOff, full);
    expect(ended.order.progress.money).toBe("RETURNED");
    expect(ended.timeline.filter(({ type }) => type === "PAYMENT_REFUNDED")).toEqual([]);
    expect(story(...toConfirmed, n.refundedAtProvider(false)).last).toMatchObject({ reason: "ONLY_A_PART" });
  });
});
