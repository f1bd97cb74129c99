import { expect, test } from "vitest";
import { anOrder, events as n, received, story } from "../../test/builders.ts";
import { isHeldUnpaid } from "./hold-unpaid.ts";
import type { SubscribedEvent, Message } from "./message.ts";

const pay = (paymentToken = "pm_card_visa"): Message => ({ type: "PayOrder", paymentToken });
const allocations = [
  { warehouseCode: "EU", warehouseCountry: "DE", lineId: "line_1", sku: "MUG", quantity: 2 },
];
const reservedAs = (more: object, version = 1): SubscribedEvent =>
  received("InventoryReserved", { orderId: "ord_1", allocations, ...more }, version);
const beyondTheShare = reservedAs({ mayBeHeld: false });
const reservedAgain = reservedAs({ turn: 2, mayBeHeld: false }, 3);
const soldOutAgain = received("InventoryReservationFailed", {
  ...{ orderId: "ord_1", turn: 2 },
  shortages: [{ lineId: "line_1", sku: "MUG", requested: 2, available: 1 }],
});

test("an order is held unpaid without a method, once it is declined, and while the bank waits for the customer", () => {
  const held = (...happens: Message[]) => isHeldUnpaid(story(...happens).order);
  const unpaid = anOrder({ paymentToken: null });
  expect([held(unpaid), held(unpaid, n.reserved)]).toEqual([true, true]);
  expect(held(anOrder(), n.reserved, n.declined())).toBe(true);
  expect(held(anOrder(), n.reserved, n.actionRequired)).toBe(true);
  expect([held(anOrder()), held(anOrder(), n.reserved), held(unpaid, n.reserved, pay())]).toEqual([
    ...[false, false, false],
  ]);
  expect(held(anOrder(), n.reserved, n.declined(), pay())).toBe(false);
  expect(held(anOrder(), n.reserved, n.actionRequired, n.processed())).toBe(false);
  expect(held(anOrder(), n.refused)).toBe(false);
});

test.each([
  ["declined", n.declined()],
  ["that waits for the customer", n.actionRequired],
])("a payment %s gives stock beyond the share back, in whatever order the events arrive", (_, ended) => {
  for (const happens of [
    [anOrder(), beyondTheShare, ended],
    [anOrder(), ended, beyondTheShare],
  ]) {
    const { order, published, timeline } = story(...happens);
    expect(order).toMatchObject({ status: "AWAITING_PAYMENT", progress: { stock: { status: "YIELDED" } } });
    expect(published).toEqual(["OrderInitiated", "StockYielded"]);
    expect(timeline.at(-1)).toMatchObject({ type: "INVENTORY_RELEASED", status: "AWAITING_PAYMENT" });
  }
  const within = story(anOrder(), n.reserved, ended);
  expect(within.order.progress.stock).toMatchObject({ status: "RESERVED" });
});

test("what was given back is reserved anew once it is paid, and only then the payment wins the order", () => {
  const given = [anOrder(), beyondTheShare, n.actionRequired];
  const paid = story(...given, n.processed());
  expect(paid.order.status).toBe("AWAITING_PAYMENT");
  expect(paid.published.slice(2)).toEqual(["StockRequested"]);
  const { order, published, timeline } = story(...given, n.processed(), reservedAgain, n.captured);
  expect(order.status).toBe("CONFIRMED");
  expect(published.slice(2)).toEqual(["StockRequested", "OrderPaid", "OrderConfirmed"]);
  expect(timeline.slice(-3).map(({ type, status }) => `${type} ${status}`)).toEqual([
    ...["PAYMENT_PROCESSED AWAITING_PAYMENT", "INVENTORY_RESERVED PAID", "ORDER_CONFIRMED CONFIRMED"],
  ]);
  const copies = [...given, ...given.slice(1), n.processed(), n.processed(), reservedAgain, reservedAgain];
  expect(story(...copies, n.captured, beyondTheShare).published).toEqual(published);
});

test("it is called off, and the payment let go, when others have bought it meanwhile", () => {
  const { order, published } = story(
    anOrder(),
    beyondTheShare,
    n.declined(),
    pay(),
    n.processed(2),
    soldOutAgain,
  );
  expect(order).toMatchObject({ status: "CANCELLED" });
  expect(published.at(-1)).toBe("OrderCancelled");
  expect(order.statusReason).toContain("only 1 of 2 left");
});

test("stock that is asked for again is reminded of, and gets a minute at least", () => {
  const asking = [anOrder(), beyondTheShare, n.actionRequired, 899, n.processed()];
  expect(story(...asking, 30, { type: "SendReminders" }).published.slice(-2)).toEqual([
    ...["StockRequested", "StockRequested"],
  ]);
  expect(story(...asking, 59, { type: "ExpireOrder" }).last).toMatchObject({ reason: "NOT_DUE" });
  expect(story(...asking, 60, { type: "ExpireOrder" }).order.status).toBe("EXPIRED");
});

test("an order without a method is held for less, and for the whole time from its first attempt on", () => {
  const unpaid = [anOrder({ paymentToken: null }), n.reserved];
  expect(story(...unpaid, 599, { type: "ExpireOrder" }).last).toMatchObject({ reason: "NOT_DUE" });
  expect(story(...unpaid, 600, { type: "ExpireOrder" }).order.status).toBe("EXPIRED");
  const tried = [...unpaid, pay(), n.declined(2), 899];
  expect(story(...tried, { type: "ExpireOrder" }).last).toMatchObject({ reason: "NOT_DUE" });
  expect(story(...tried, 1, { type: "ExpireOrder" }).order.status).toBe("EXPIRED");
});

test("a flash-sale ticket protects its own line alone: what lies beside it is yielded after a decline", () => {
  const placed = anOrder() as Extract<Message, { type: "PlaceOrder" }>;
  const [mugs] = placed.details.lines;
  if (!mugs) throw new Error("the order has no line");
  const withTicket = (...more: (typeof mugs)[]): Message => {
    const lines = [{ ...mugs, lineId: "line_flash", quantity: 1 }, ...more];
    const flashSale = { ticketId: "flt_1", lineId: "line_flash", holdExpiresAt: "2030-01-01T00:00:00.000Z" };
    return { ...placed, details: { ...placed.details, lines, flashSale } };
  };
  expect(story(withTicket(), beyondTheShare, n.declined()).published).toEqual(["OrderInitiated"]);
  const mixed = story(withTicket(mugs), beyondTheShare, n.declined());
  expect(mixed.order.progress.stock).toEqual({ status: "YIELDED" });
  expect(mixed.published).toEqual(["OrderInitiated", "StockYielded"]);
  expect(isHeldUnpaid(story(withTicket(mugs), n.reserved, n.declined()).order)).toBe(true);
});

test("an order takes eight attempts", () => {
  const attempts = [2, 3, 4, 5, 6, 7, 8].flatMap((attempt) => [pay(), n.declined(attempt)]);
  const tried = [anOrder(), n.reserved, n.declined(1), ...attempts];
  expect(story(...tried.slice(0, -2), pay()).last).toMatchObject({ outcome: "changed" });
  expect(story(...tried, pay()).last).toEqual({ outcome: "ignored", reason: "TOO_MANY_ATTEMPTS" });
});
