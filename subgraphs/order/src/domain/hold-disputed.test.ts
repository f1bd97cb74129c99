import { describe, expect, test } from "vitest";
import { anOrder, events as n, story } from "../../test/builders.ts";
import type { Message } from "./message.ts";

const toConfirmed = [anOrder(), n.reserved, n.processed(), n.captured] as const;
const toShipped = [...toConfirmed, n.scheduled, n.updated("SHIPPED", 2)] as const;
const remind: Message = { type: "SendReminders" };
const rowsOf = (...happens: Parameters<typeof story>) => story(...happens).timeline.map(({ type }) => type);
const holds = (...happens: Parameters<typeof story>) =>
  story(...happens).published.filter((type) => type === "OrderHoldChanged");

describe("a dispute", () => {
  test("changes no status, is on the timeline, and holds what has not left until it is won", () => {
    for (const before of [toConfirmed, toShipped]) {
      const status = story(...before).order.status;
      const open = story(...before, n.disputed(), n.disputed());
      expect(open.order).toMatchObject({ status, progress: { dispute: { status: "OPEN" } } });
      expect(open.published.at(-1)).toBe("OrderHoldChanged");
      expect(open.timeline.at(-1)).toMatchObject({ type: "PAYMENT_DISPUTED", status });
      const won = story(...before, n.disputed(), n.disputeClosed("WON"));
      expect(won.order).toMatchObject({ status, progress: { dispute: { status: "WON" } } });
      expect(won.last).toMatchObject({ events: [{ type: "OrderHoldChanged", data: { isHeld: false } }] });
      expect(won.timeline.at(-1)).toMatchObject({ type: "PAYMENT_DISPUTE_CLOSED", status });
    }
  });

  test("that is lost goes on holding, for staff to cancel the order", () => {
    const { order, published } = story(...toConfirmed, n.disputed(), n.disputeClosed("LOST"));
    expect(order).toMatchObject({ status: "CONFIRMED", progress: { dispute: { status: "LOST" } } });
    expect(published.filter((type) => type === "OrderHoldChanged")).toHaveLength(1);
  });

  test("whose events arrive late, twice or in the wrong order has the status of the newest version", () => {
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
    const { published } = story(anOrder(), n.reserved, n.processed(), n.disputed(), n.captured);
    expect(published.slice(-2)).toEqual(["OrderConfirmed", "OrderHoldChanged"]);
  });

  test("is repeated to shipping with each ShipmentAwaited", () => {
    const { last } = story(...toConfirmed, n.scheduled, n.disputed(), 24 * 3_600, remind);
    expect(last).toMatchObject({ events: [{ type: "ShipmentAwaited", data: { isHeld: true } }] });
  });

  test("of an order without goods, or one that has arrived, holds nothing", () => {
    expect(holds(...toConfirmed, n.calledOff, n.disputed())).toEqual([]);
    expect(holds(...toShipped, n.updated("DELIVERED", 3), n.disputed())).toEqual([]);
  });
});
