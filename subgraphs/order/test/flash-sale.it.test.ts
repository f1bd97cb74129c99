import type { Quote } from "@shop/events";
import { customer, guest } from "@shop/testkit";
import { afterAll, beforeAll, expect, test } from "vitest";
import { address, eventsOf, openShop, quoteOf, type Shop } from "./fixtures.ts";

let shop: Shop;
const ada = customer("usr_ada");
const holdExpiresAt = () => new Date(Date.now() + 30_000).toISOString();

beforeAll(async () => {
  shop = await openShop({ MAX_UNPAID_PER_CUSTOMER: "1" });
});
afterAll(() => shop[Symbol.asyncDispose]());

function holds(until = holdExpiresAt(), more: Partial<Quote> = {}): string {
  shop.quote = async (asked) => {
    const ticketId = asked.flashSaleTicketId;
    const flashSale = ticketId && { ticketId, saleId: "sale_1", lineId: "line_1", holdExpiresAt: until };
    return quoteOf(asked, { ...more, ...(flashSale && { flashSale }) });
  };
  return until;
}

const withTicket = (more: object = {}) => shop.checkoutInput({ flashSaleTicketId: "flt_1", ...more });

test("an order with a ticket names it to inventory by the order's own line, and may be paid until the hold ends", async () => {
  const until = holds();
  const { order, userErrors } = await shop.checkout(withTicket(), ada);
  expect(userErrors).toEqual([]);
  const { data } = await shop.service.waitForEvent("OrderInitiated", (it) => it.data.orderId === order.id);
  expect(data.flashSale).toEqual({ ticketId: "flt_1", lineId: data.lines[0]?.lineId });
  await shop.publish("InventoryReserved", eventsOf(order.id).reserved);
  await shop.until(order.id, "AWAITING_PAYMENT");
  expect((await shop.read(order.id, null, ada)).expiresAt).toBe(until);
});

test("a declined card may be tried again until the hold ends; the stock is never yielded meanwhile", async () => {
  const until = holds();
  const { order } = await shop.checkout(withTicket(), ada);
  const events = eventsOf(order.id);
  await shop.publish("InventoryReserved", { ...events.reserved, mayBeHeld: false });
  await shop.until(order.id, "AWAITING_PAYMENT");
  await shop.publish("PaymentFailed", events.failed(1));
  await shop.service.waitForEvent("OrderInitiated", (it) => it.data.orderId === order.id);
  const paying = shop.pay({ orderId: order.id }, ada);
  const requested = await shop.service.waitForEvent("PaymentRequested", (it) => it.data.orderId === order.id);
  await shop.publish("PaymentFailed", events.failed(requested.data.attempt), 2);
  expect((await paying).userErrors).toMatchObject([{ code: "PAYMENT_DECLINED" }]);
  expect((await shop.read(order.id, null, ada)).expiresAt).toBe(until);
  expect(shop.service.events("StockYielded").some((it) => it.data.orderId === order.id)).toBe(false);
});

test("an order whose hold has ended expires, and its first payment extends nothing", async () => {
  holds(new Date(Date.now() - 1_000).toISOString());
  const { order } = await shop.checkout(withTicket({ paymentMethod: null }), ada);
  await shop.publish("InventoryReserved", eventsOf(order.id).reserved);
  await shop.until(order.id, "AWAITING_PAYMENT");
  const { expiresAt } = await shop.read(order.id, null, ada);
  // A checkout in flight has 5 s to pay.
  expect(Date.parse(expiresAt) - Date.now()).toBeLessThan(5_100);
  await shop.until(order.id, "EXPIRED");
  await shop.service.waitForEvent("OrderExpired", (it) => it.data.orderId === order.id);
});

test("a flash hold is no held and unpaid order: it counts against no limit of those", async () => {
  holds();
  for (let times = 0; times < 3; times++) {
    const { order } = await shop.checkout(withTicket({ paymentMethod: null }), customer("usr_bea"));
    expect(order?.status).toBe("CREATED");
  }
});

test("with other lines it counts like any order that holds stock unpaid", async () => {
  const quoted = quoteOf({ cartId: "cart_1", shippingOptionId: "standard", address });
  const [line] = quoted.outcome === "quoted" ? quoted.quote.lines : [];
  if (!line) throw new Error("the quote has no line");
  holds(holdExpiresAt(), { lines: [line, { ...line, lineId: "line_2", sku: "CUP" }] });
  const first = await shop.checkout(withTicket({ paymentMethod: null }), customer("usr_cleo"));
  expect(first.userErrors).toEqual([]);
  const second = await shop.checkout(withTicket({ paymentMethod: null }), customer("usr_cleo"));
  expect(second.userErrors).toMatchObject([{ code: "TOO_MANY_OPEN_ORDERS" }]);
});

test("QueueRequired is shown with its sale; a guest has no ticket", async () => {
  shop.quote = async () => ({
    ...{ outcome: "problems", notEnoughStock: [], notForSale: [] },
    queueRequired: [{ lineId: "line_1", flashSaleId: "sale_1" }],
  });
  const { data } = await shop.service.graphql(
    `mutation ($input: CheckoutInput!) { checkout(input: $input) {
      problems { ... on QueueRequired { lineId flashSaleId flashSale { id } } } } }`,
    { input: shop.checkoutInput() },
    ada,
  );
  expect(data?.["checkout"].problems).toEqual([
    { lineId: "line_1", flashSaleId: "sale_1", flashSale: { id: "sale_1" } },
  ]);
  const refused = await shop.checkout(withTicket(), guest);
  expect(refused.userErrors).toMatchObject([
    { code: "INVALID_INPUT", field: ["input", "flashSaleTicketId"] },
  ]);
});
