import { expect, test } from "vitest";
import { anOrder, events as n, story } from "../../test/builders.ts";
import type { Message } from "./message.ts";

const pay = (paymentToken = "pm_card_visa"): Message => ({ type: "PayOrder", paymentToken });
const byCustomer = { by: "CUSTOMER", reason: null, request: "key-1" } as const;
const cancel: Message = { type: "CancelOrder", ...byCustomer, isCalledOff: false };
const cancelStopped: Message = { ...cancel, isCalledOff: true };
const expire: Message = { type: "ExpireOrder" };
const remind: Message = { type: "SendReminders" };

const types = (timeline: { type: string }[]) => timeline.map(({ type }) => type);
const toConfirmed = [anOrder(), n.reserved, n.processed(), n.captured];

test("an order goes from checkout to delivery, and its timeline shows each step", () => {
  const { order, timeline, published } = story(
    ...[...toConfirmed, n.scheduled, n.updated("SHIPPED", 2), n.updated("DELIVERED", 3)],
  );
  expect(order).toMatchObject({ status: "DELIVERED", statusReason: null, version: 7 });
  expect(published).toEqual(["OrderInitiated", "OrderPaid", "OrderConfirmed"]);
  expect(timeline.map(({ counter, type, status }) => `${counter} ${type} ${status}`)).toEqual([
    "1 ORDER_INITIATED CREATED",
    "2 INVENTORY_RESERVED AWAITING_PAYMENT",
    "3 PAYMENT_PROCESSED PAID",
    "4 ORDER_CONFIRMED CONFIRMED",
    "5 SHIPMENT_SCHEDULED CONFIRMED",
    "6 SHIPMENT_UPDATED SHIPPED",
    "7 SHIPMENT_UPDATED DELIVERED",
  ]);
  expect(order.progress).toMatchObject({ paymentToken: null, remindAt: null });
});

test("every event twice, under the same or another id, changes nothing the second time", () => {
  const happens = [...toConfirmed, n.scheduled, n.updated("SHIPPED", 2), n.updated("DELIVERED", 3)];
  const once = story(...happens);
  const twice = story(...happens.flatMap((it) => [it, it]), ...happens.slice(1));
  expect(twice.order).toEqual(once.order);
  expect(twice.timeline).toEqual(once.timeline);
});

test("messages in any order lead to the same end, with a complete timeline", () => {
  const events = [n.reserved, n.processed(), n.captured, n.scheduled, n.updated("SHIPPED", 2)];
  for (const order of permutations(events)) {
    const { order: end, timeline, published } = story(anOrder(), ...order);
    expect(end.status).toBe("SHIPPED");
    expect(timeline.map(({ counter }) => counter)).toEqual([1, 2, 3, 4, 5, 6].slice(0, timeline.length));
    expect(published).toEqual(["OrderInitiated", "OrderPaid", "OrderConfirmed"]);
  }
});

test("what can't be had rejects the order, with a reason that a customer understands", () => {
  const { order, published } = story(anOrder(), n.refused);
  expect(order).toMatchObject({
    status: "REJECTED",
    statusReason: "Not enough in stock: Mug (only 1 of 2 left).",
  });
  expect(published).toEqual(["OrderInitiated", "OrderRejected"]);
});

test("the time to pay runs from the reservation", () => {
  const { order } = story(anOrder(), 100, n.reserved);
  expect(order).toMatchObject({ expiresAt: new Date(Date.UTC(2026, 0, 1) + 1_000_000) });
  expect(story(anOrder(), n.reserved, 899, expire).last).toMatchObject({ reason: "NOT_DUE" });
  expect(story(anOrder(), n.reserved, 900, expire).order.status).toBe("EXPIRED");
});

test("an order whose stock never answers expires, and a later reservation is released", () => {
  expect(story(anOrder(), 899, expire).last).toMatchObject({ reason: "NOT_DUE" });
  const { order, published, timeline } = story(
    anOrder(),
    900,
    expire,
    200_000,
    n.reserved,
    30,
    remind,
    n.released,
  );
  expect(order).toMatchObject({
    status: "EXPIRED",
    statusReason: "The items could not be set aside in time.",
  });
  expect(order.progress).toMatchObject({ paymentToken: null, remindAt: null });
  expect(published).toEqual(["OrderInitiated", "OrderExpired", "OrderExpired"]);
  expect(types(timeline)).toEqual([
    ...["ORDER_INITIATED", "ORDER_EXPIRED", "INVENTORY_RESERVED", "INVENTORY_RELEASED"],
  ]);
});

test("stock and a payment that answer after an outage of days don't revive an order at old prices", () => {
  const late = [anOrder(), 3 * 86_400, n.reserved, n.processed()] as const;
  const { order, published } = story(...late);
  expect(order.status).toBe("CREATED");
  expect(published).toEqual(["OrderInitiated"]);
  expect(story(anOrder(), 900, pay()).last).toEqual({ outcome: "ignored", reason: "ORDER_NOT_PAYABLE" });
  // Whichever of the two timers fires first.
  for (const clock of [expire, remind]) {
    const ended = story(...late, 30, clock);
    expect(ended.order.status).toBe("EXPIRED");
    expect(ended.published).toEqual(["OrderInitiated", "OrderExpired"]);
    expect(ended.order.progress).toMatchObject({ money: "AUTHORISED", stock: { status: "RESERVED" } });
  }
});

test("a declined card may be paid again, each attempt under a number of its own", () => {
  const { order, published, timeline } = story(
    ...[anOrder(), n.reserved, n.declined(1), pay(), n.declined(2), pay(), n.processed(3), n.captured],
  );
  expect(order).toMatchObject({ status: "CONFIRMED", statusReason: null });
  expect(order.progress.attempt).toBe(3);
  expect(published).toContain("PaymentRequested");
  expect(types(timeline).filter((type) => type === "PAYMENT_FAILED")).toHaveLength(2);
});

test("an order can be paid before its stock is set aside, and not once it is paid or over", () => {
  expect(story(anOrder({ paymentToken: null }), pay()).order.progress.attempt).toBe(2);
  const refused = { outcome: "ignored", reason: "ORDER_NOT_PAYABLE" };
  expect(story(...toConfirmed, pay()).last).toEqual(refused);
  expect(story(anOrder(), n.refused, pay()).last).toEqual(refused);
  expect(story(anOrder(), n.reserved, 900, pay()).last).toEqual(refused);
});

test("a payment that comes after expiry is recorded, and order goes no further", () => {
  const { order, published, timeline } = story(
    ...[anOrder(), n.reserved, 900, expire, n.processed(), n.released, n.refunded("VOIDED")],
  );
  expect(order.status).toBe("EXPIRED");
  expect(published).toEqual(["OrderInitiated", "OrderExpired"]);
  expect(types(timeline).slice(3)).toEqual(["PAYMENT_PROCESSED", "INVENTORY_RELEASED", "PAYMENT_REFUNDED"]);
  expect(order.progress.remindAt).toBeNull();
});

test("an expiry that comes after the payment loses", () => {
  expect(story(anOrder(), n.reserved, n.processed(), 900, expire).last).toMatchObject({ outcome: "ignored" });
});

test("a customer cancels until the first parcel has left", () => {
  for (const length of [1, 2, 3]) {
    const { order, published } = story(...toConfirmed.slice(0, length), cancel);
    expect(order.status).toBe("CANCELLED");
    expect(published.at(-1)).toBe("OrderCancelled");
  }
  const late = story(...toConfirmed, n.scheduled, n.updated("SHIPPED", 2), cancelStopped);
  expect(late.last).toEqual({ outcome: "ignored", reason: "ALREADY_SHIPPED" });
});

test("what is confirmed is cancelled only once shipping has stopped it", () => {
  for (const confirmed of [toConfirmed, [...toConfirmed, n.scheduled]]) {
    const refused = { outcome: "ignored", reason: "SHIPPING_MUST_BE_ASKED" };
    expect(story(...confirmed, cancel).last).toEqual(refused);
    const { order, published } = story(...confirmed, cancelStopped);
    expect(order).toMatchObject({ status: "CANCELLED", statusReason: "Cancelled by the customer." });
    expect(published.at(-1)).toBe("OrderCancelled");
  }
});

test("ShipmentCalledOff alone cancels the order, as the customer had asked", () => {
  const { order, published, timeline } = story(...toConfirmed, n.calledOff, n.calledOff);
  expect(order).toMatchObject({ status: "CANCELLED", statusReason: "Cancelled by the customer: too late" });
  expect(published.at(-1)).toBe("OrderCancelled");
  expect(types(timeline).filter((type) => type === "ORDER_CANCELLED")).toHaveLength(1);
  const again = story(...toConfirmed, n.calledOff, cancelStopped);
  expect(again.last).toEqual({ outcome: "ignored", reason: "CANCELLED_AS_ASKED" });
  const another = story(...toConfirmed, n.calledOff, { ...cancelStopped, request: "key-2" });
  expect(another.last).toEqual({ outcome: "ignored", reason: "ALREADY_CANCELLED" });
  expect(story(...toConfirmed, cancelStopped, n.calledOff).last).toMatchObject({ outcome: "ignored" });
  const sent = story(...toConfirmed, n.scheduled, n.updated("SHIPPED", 2), n.calledOff);
  expect(sent.last).toEqual({ outcome: "ignored", reason: "ALREADY_SHIPPED" });
});

test("stock whose release overtakes its reservation stays released", () => {
  const { order, timeline } = story(anOrder(), cancel, n.released, n.reserved);
  expect(order.progress.stock).toEqual({ status: "RELEASED" });
  expect(timeline.map(({ status }) => status)).toEqual(["CREATED", "CANCELLED", "CANCELLED", "CANCELLED"]);
});

test("a capture that is refused for good calls the order off", () => {
  const { order, published, timeline } = story(anOrder(), n.reserved, n.processed(), n.captureFailed);
  expect(order.status).toBe("CANCELLED");
  expect(published.slice(-2)).toEqual(["OrderConfirmationFailed", "OrderCancelled"]);
  expect(types(timeline).slice(-2)).toEqual(["ORDER_CONFIRMATION_FAILED", "ORDER_CANCELLED"]);
});

test("a shipment that can't be scheduled calls the order off, refunded and restocked", () => {
  const { order, timeline } = story(
    ...[...toConfirmed, n.shipmentFailed, n.refunded("REFUNDED"), n.released],
  );
  expect(order).toMatchObject({ status: "CANCELLED", statusReason: "We could not find a way to ship it." });
  expect(types(timeline).slice(4)).toEqual([
    ...["SHIPMENT_FAILED", "ORDER_CANCELLED", "PAYMENT_REFUNDED", "INVENTORY_RELEASED"],
  ]);
  expect(order.progress.remindAt).toBeNull();
});

test("a late shipment update doesn't turn the parcels back", () => {
  const { order } = story(
    ...[...toConfirmed, n.updated("DELIVERED", 4), n.updated("IN_TRANSIT", 3), n.scheduled],
  );
  expect(order.status).toBe("DELIVERED");
  expect(order.progress.shipments[0]?.status).toBe("DELIVERED");
});

test("parcels without a row get none once the order is cancelled; known ones are shown as called off", () => {
  const calledOff = n.updated("CANCELLED", 3);
  const unknown = story(...toConfirmed, cancelStopped, n.scheduled, calledOff, n.shipmentFailed);
  expect(types(unknown.timeline).slice(4)).toEqual(["ORDER_CANCELLED"]);
  const known = story(...toConfirmed, n.scheduled, cancelStopped, calledOff);
  expect(types(known.timeline).slice(4)).toEqual([
    ...["SHIPMENT_SCHEDULED", "ORDER_CANCELLED", "SHIPMENT_UPDATED"],
  ]);
});

test("two parcels: shipped with the first, delivered with the last", () => {
  const both = (first: "SHIPPED" | "DELIVERED", second: "SCHEDULED" | "DELIVERED", version: number) => {
    const update = n.updated("SHIPPED", version);
    if (update.type !== "ShipmentUpdated") throw new Error("not an update");
    const shipments = [
      { shipmentId: "shp_1", warehouseCode: "EU", status: first },
      { shipmentId: "shp_2", warehouseCode: "US", status: second },
    ];
    return { ...update, data: { ...update.data, shipments } };
  };
  const sent = [...toConfirmed, n.scheduled, both("SHIPPED", "SCHEDULED", 2)];
  expect(story(...sent).order.status).toBe("SHIPPED");
  expect(story(...sent, both("DELIVERED", "SCHEDULED", 3)).order.status).toBe("SHIPPED");
  expect(story(...sent, both("DELIVERED", "DELIVERED", 3)).order.status).toBe("DELIVERED");
});

test("an overdue answer is reminded of, ever more seldom, until it comes", () => {
  const waiting = story(anOrder(), 29, remind, 1, remind, 59, remind, 1, remind);
  expect(waiting.published).toEqual(["OrderInitiated", "OrderInitiated", "OrderInitiated"]);
  expect(story(anOrder(), n.reserved, n.processed(), 30, remind).published.at(-1)).toBe("OrderPaid");
  expect(story(...toConfirmed, 30, remind).published.at(-1)).toBe("OrderConfirmed");
  expect(story(anOrder(), n.reserved, cancel, 30, remind).published.at(-1)).toBe("OrderCancelled");
  expect(story(anOrder(), n.reserved, 30, remind).published.at(-1)).toBe("OrderInitiated");
  expect(story(anOrder(), n.reserved, n.declined(), pay(), 30, remind).published.slice(-2)).toEqual([
    ...["PaymentRequested", "PaymentRequested"],
  ]);
  expect(story(anOrder(), n.reserved, n.declined(), 899, remind).last).toMatchObject({ reason: "NOT_DUE" });
});

test("parcels without an event for a day are asked for, and what was missed is made up for", () => {
  const day = 24 * 3600;
  const underWay = [...toConfirmed, n.scheduled];
  expect(story(...underWay, day - 1, remind).last).toMatchObject({ reason: "NOT_DUE" });
  expect(story(...underWay, day, remind).published.at(-1)).toBe("ShipmentAwaited");
  expect(story(...underWay, n.updated("SHIPPED", 2), day, remind).published.at(-1)).toBe("ShipmentAwaited");
  const missed = story(...underWay, day, remind, n.scheduledAgain("DELIVERED", 4), n.scheduled);
  expect(missed.order.status).toBe("DELIVERED");
  expect(missed.timeline.at(-1)).toMatchObject({
    type: "SHIPMENT_UPDATED",
    message: "A parcel has arrived.",
  });
  const shipped = [...underWay, n.updated("SHIPPED", 3)];
  expect(story(...shipped, n.scheduledAgain("SHIPPED", 3)).last).toMatchObject({ reason: "NOTHING_NEW" });
});

test("each event names what caused it", () => {
  const processed = n.processed();
  const { last, timeline } = story(anOrder(), n.reserved, processed);
  expect(last).toMatchObject({ events: [{ type: "OrderPaid", causationId: processed.id }] });
  expect(timeline.at(-1)?.causationId).toBe(processed.id);
});

function permutations<T>(items: T[]): T[][] {
  if (items.length < 2) return [items];
  return items.flatMap((item, at) => permutations(items.toSpliced(at, 1)).map((rest) => [item, ...rest]));
}
