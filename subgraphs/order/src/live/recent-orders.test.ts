import { expect, test } from "vitest";
import { anOrder, events, story } from "../../test/builders.ts";
import type { TimelineEntry } from "../tables.ts";
import { RecentOrders } from "./recent-orders.ts";

const occurredAt = new Date(0);

/** The states of an order from step to step, each with the rows that it added. */
const [placed, reserved, paid] = [[], [events.reserved], [events.reserved, events.processed()]].map(
  (steps) => {
    const { order, timeline } = story(anOrder(), ...steps);
    const rows = timeline.slice(-1).map((row): TimelineEntry => ({ ...row, orderId: order.id, occurredAt }));
    return { order, rows };
  },
) as [Step, Step, Step];
type Step = Pick<Parameters<RecentOrders["keepCommitted"]>[0], "order" | "rows">;

const rowsAfter = (recent: RecentOrders, counter: number, now?: number) =>
  recent.feedAfter("ord_1", counter, now)?.rows.map((row) => row.counter);

test("the feed of an order that this process alone has moved on is known from any of its cursors", () => {
  const recent = new RecentOrders();
  for (const step of [placed, reserved, paid]) recent.keepCommitted(step);
  expect([0, 1, 3].map((counter) => rowsAfter(recent, counter))).toEqual([[1, 2, 3], [2, 3], []]);
  expect(recent.feedAfter("ord_1", 0)?.order.status).toBe("PAID");
  expect(rowsAfter(recent, 4)).toBeUndefined();
});

test("without the row that another has written in between, the feed must be read", () => {
  const recent = new RecentOrders();
  recent.keepCommitted(placed);
  recent.keepCommitted(paid);
  expect(rowsAfter(recent, 0)).toBeUndefined();
  expect(rowsAfter(recent, 2)).toEqual([3]);
  recent.keepCommitted(reserved);
  expect(rowsAfter(recent, 0)).toBeUndefined();
});

test("an order that another has moved on, by broadcast or by a read, gives no feed from memory; nor does an old one", () => {
  const recent = new RecentOrders();
  recent.keepCommitted(placed, 0);
  expect([rowsAfter(recent, 0, 5_000), rowsAfter(recent, 0, 5_001)]).toEqual([[1], undefined]);
  recent.keepRead(reserved.order);
  expect(rowsAfter(recent, 0, 1)).toBeUndefined();
  recent.keepCommitted(reserved);
  expect(rowsAfter(recent, 0)).toEqual([1, 2]);
  recent.noteBroadcast("ord_1", reserved.order.version);
  expect(rowsAfter(recent, 0)).toEqual([1, 2]);
  recent.noteBroadcast("ord_1", paid.order.version);
  expect(rowsAfter(recent, 0)).toBeUndefined();
  recent.keepCommitted(paid);
  expect(rowsAfter(recent, 0)).toEqual([1, 2, 3]);
  recent.noteBroadcast("ord_1");
  expect([rowsAfter(recent, 0), recent.find("ord_1")]).toEqual([undefined, paid.order]);
});

test("an order never goes back to an earlier state", () => {
  const recent = new RecentOrders();
  expect(recent.keepRead(paid.order)).toBe(paid.order);
  expect(recent.keepRead(placed.order)).toBe(paid.order);
  expect(recent.keepCommitted(reserved)).toBe(paid.order);
});

test("the longest untouched orders make room", () => {
  const recent = new RecentOrders(20_000);
  for (let at = 0; at < 100; at++) recent.keepRead({ ...placed.order, id: `ord_${at}` });
  expect(recent.bytes).toBeLessThanOrEqual(20_000);
  expect([recent.find("ord_0"), recent.find("ord_99")?.id]).toEqual([undefined, "ord_99"]);
});
