import { customer, eventually, stubService } from "@shop/testkit";
import type { Identity } from "@shop/service";
import { newId } from "@shop/values";
import { afterAll, beforeAll, expect, test, vi } from "vitest";
import { defaultUnpaidLimits, holdsTooMany } from "../src/store/unpaid-orders.ts";
import { openStore } from "../src/store/store.ts";
import { codes, openShop, eventsOf, type Shop } from "./fixtures.ts";

let shop: Shop;
let shortages: { lineId: string; sku: string; requested: number; available: number }[] = [];
const open = new AsyncDisposableStack();
beforeAll(async () => {
  shop = open.use(
    await openShop({
      ...{ MAX_UNPAID_PER_ADDRESS: "6", MAX_DECLINES_PER_ADDRESS: "3" },
      ...{ MAX_DECLINES_PER_CUSTOMER: "2", MAX_DECLINES_PER_ADDRESS_SIGNED_IN: "5" },
    }),
  );
  open.use(
    await stubService(shop.stores, "inventory", { "inventory.unpaidLimits": async () => ({ shortages }) }),
  );
});
afterAll(() => open.disposeAsync());

const from = (client: string): Identity => ({ kind: "guest", client });
const unpaid = (email: string, who: Identity, more: object = {}) =>
  shop.checkout(shop.checkoutInput({ email, paymentMethod: null, ...more }), who);
const outcomes = (answers: { userErrors: { code: string }[] }[]) =>
  Object.fromEntries(
    Map.groupBy(answers, (answer) => codes(answer)[0] ?? "placed")
      .entries()
      .map(([code, some]) => [code, some.length]),
  );

const publishDecline = (id: string) => shop.publish("PaymentFailed", eventsOf(id).failed(1));

async function reserved(email: string, who: Identity, more: object = {}) {
  const { order, orderToken } = await shop.checkout(shop.checkoutInput({ email, ...more }), who);
  await shop.publish("InventoryReserved", eventsOf(order.id).reserved);
  await shop.until(order.id, "AWAITING_PAYMENT");
  return { id: order.id as string, token: orderToken as string };
}

test("of twenty checkouts at once for one e-mail that name no method, five are placed; one that pays is", async () => {
  const spellings = ["eve@shop.test", "EVE@shop.test", "eve+1@shop.test", "eve+2@shop.test"];
  const answers = await Promise.all(
    Array.from({ length: 20 }, (_, at) => unpaid(spellings[at % 4] ?? "", from(`address-${at}`))),
  );
  expect(outcomes(answers)).toEqual({ placed: 5, TOO_MANY_OPEN_ORDERS: 15 });
  const paying = await shop.checkout(shop.checkoutInput({ email: "eve@shop.test" }), from("address-1"));
  expect(codes(paying)).toEqual([]);
});

test("what guests order under a customer's e-mail counts against guests alone, never against that customer", async () => {
  const email = "victim@x.test";
  for (let at = 0; at < 5; at++) await unpaid(email, from(`stranger-${at}`));
  expect(codes(await unpaid(email, from("stranger-5")))).toEqual(["TOO_MANY_OPEN_ORDERS"]);
  const victim: Identity = { ...customer("usr_victim"), client: "victim's home" };
  const mine = [];
  for (let at = 0; at < 6; at++) mine.push(await unpaid(email, victim));
  expect(outcomes(mine)).toEqual({ placed: 5, TOO_MANY_OPEN_ORDERS: 1 });
  // A declined order of theirs keeps its stock, too: it is their first beyond none.
  const other: Identity = { ...customer("usr_other"), client: "another home" };
  const { id } = await reserved(email, other);
  await publishDecline(id);
  await eventually(async () => {
    const rows = await shop.service.kit.pg.sql`
      select from orders where id = ${id} and is_held_unpaid and progress #>> '{stock,status}' = 'RESERVED'`;
    return rows.length === 1;
  }, "its stock was not kept");
  // And the other way round.
  expect(codes(await unpaid("usr_other@x.test", from("another home")))).toEqual([]);
});

test("a customer, and an address with any number of e-mails, hold so many and no more, until one ends", async () => {
  const ada = customer("usr_ada");
  const mine = await Promise.all(
    Array.from({ length: 8 }, (_, at) => unpaid(`ada${at}@x.test`, { ...ada, client: `home-${at}` })),
  );
  expect(outcomes(mine)).toEqual({ placed: 5, TOO_MANY_OPEN_ORDERS: 3 });

  const office = from("office");
  const placed = await Promise.all(Array.from({ length: 30 }, (_, at) => unpaid(`eve${at}@x.test`, office)));
  expect(outcomes(placed)).toEqual({ placed: 6, TOO_MANY_OPEN_ORDERS: 24 });
  const first = placed.find((answer) => codes(answer).length === 0);
  await shop.cancel({ orderId: first.order.id, token: first.orderToken });
  expect(codes(await unpaid("late@x.test", office))).toEqual([]);
  expect(codes(await unpaid("later@x.test", office))).toEqual(["TOO_MANY_OPEN_ORDERS"]);
});

test("a checkout that was answered is answered again, however many orders are open by then", async () => {
  const input = shop.checkoutInput({ email: "bob@x.test", paymentMethod: null });
  const first = await shop.checkout(input, from("bobs"));
  await Promise.all(Array.from({ length: 8 }, () => unpaid("bob@x.test", from("bobs"))));
  const again = await shop.checkout(input, from("bobs"));
  expect([again.order.id, codes(again)]).toEqual([first.order.id, []]);
});

test("orders whose payment waits for the customer count; beyond their number stock is given back", async () => {
  const who = from("3-D Secure");
  const orders = [];
  for (let at = 0; at < 6; at++) {
    const order = await reserved(`dan@x.test`, who);
    orders.push(order);
    const { paymentId } = eventsOf(order.id).processed;
    await shop.publish("PaymentActionRequired", { orderId: order.id, paymentId, attempt: 1 });
  }
  const beyond = orders.at(-1)?.id ?? "";
  await shop.service.waitForEvent("StockYielded", ({ sagaId }) => sagaId === beyond);
  expect(codes(await unpaid("dan@x.test", from("elsewhere")))).toEqual(["TOO_MANY_OPEN_ORDERS"]);
  const yields = shop.service.events("StockYielded").map(({ sagaId }) => sagaId);
  expect(yields).toEqual([beyond]);

  await shop.publish("PaymentProcessed", eventsOf(beyond).processed, 2);
  const asked = await shop.service.waitForEvent("StockRequested", ({ sagaId }) => sagaId === beyond);
  expect(asked.data).toMatchObject({ turn: 2, lines: [{ sku: "MUG", quantity: 2 }] });
  await shop.publish("InventoryReserved", { ...eventsOf(beyond).reserved, turn: 2, mayBeHeld: false }, 3);
  await shop.until(beyond, "PAID");
});

test("more units than may be set aside unpaid are refused line by line; who pays in the call isn't asked", async () => {
  shortages = [{ lineId: "line_1", sku: "MUG", requested: 2, available: 1 }];
  const refused = await unpaid("mug@x.test", from("mug"));
  expect(codes(refused)).toEqual(["QUANTITY_LIMIT"]);
  expect(refused.userErrors[0].message).toContain('Of "Mug" 1 of 2');
  expect(refused.userErrors[0].message).toContain("or order fewer");
  expect(codes(await shop.checkout(shop.checkoutInput({ email: "mug@x.test" }), from("mug")))).toEqual([]);
  shortages = [{ lineId: "line_1", sku: "MUG", requested: 1, available: 0 }];
  const none = await unpaid("mug@x.test", from("mug"));
  expect(none.userErrors).toMatchObject([
    {
      code: "QUANTITY_LIMIT",
      message:
        'None of "Mug" can be set aside without a payment now: give a payment method in the checkout, or try again in ' +
        "some minutes.",
    },
  ]);
  shortages = [];
});

test("attempts at one order end with ORDER_NOT_PAYABLE", async () => {
  const { id, token } = await reserved("cards@x.test", from("cards"), { paymentMethod: null });
  const tried: string[][] = [];
  for (let attempt = 2; attempt < 11; attempt++) {
    const paying = shop.pay({ orderId: id, token });
    if (attempt < 9) {
      await shop.service.waitForEvent(
        "PaymentRequested",
        (it) => it.sagaId === id && it.data.attempt === attempt,
      );
      await shop.publish("PaymentFailed", eventsOf(id).failed(attempt));
    }
    tried.push(codes(await paying));
  }
  expect(tried.slice(0, 7).every(([code]) => code === "PAYMENT_DECLINED")).toBe(true);
  expect(tried.slice(7)).toEqual([["ORDER_NOT_PAYABLE"], ["ORDER_NOT_PAYABLE"]]);
});

test("what the provider or the shop gets wrong counts against no address", async () => {
  const unlucky = from("unlucky");
  for (let at = 0; at < 4; at++) {
    const { id } = await reserved(`unlucky${at}@x.test`, unlucky);
    await shop.publish("PaymentFailed", { ...eventsOf(id).failed(1), isOurFault: true });
    await eventually(async () => {
      const [row] = await shop.service.kit.pg.sql<{ reason: string | null }[]>`
        select status_reason as reason from orders where id = ${id}`;
      return row?.reason?.includes("declined");
    });
  }
  expect(codes(await shop.checkout(shop.checkoutInput({ email: "unlucky@x.test" }), unlucky))).toEqual([]);
});

test("an address that had too many payments declined waits before it tries another card, on any order", async () => {
  const tester = from("card tester");
  for (let at = 0; at < 3; at++) {
    const { id } = await reserved(`t${at}@x.test`, tester);
    await publishDecline(id);
    await eventually(async () => {
      const rows = await shop.service.kit.pg.sql`
        select from declines where payer_key = 'card tester' and declined = ${at + 1}`;
      return rows.length === 1;
    }, "the decline was not counted");
  }
  await expect(shop.checkout(shop.checkoutInput(), tester)).rejects.toThrow(/RATE_LIMITED/);
  await expect(shop.checkout(shop.checkoutInput(), tester)).rejects.toThrow(
    /Too many payments from your network were declined: try again in \d+ s, or sign in and try again\./,
  );
  const { id, token } = await reserved("other@x.test", from("another address"), { paymentMethod: null });
  const paying = await shop.service.graphql(
    `mutation ($id: ID!, $token: String, $key: String!) { orderPay(orderId: $id, token: $token,
      paymentMethod: { token: "pm_card_visa" }, idempotencyKey: $key) { userErrors { code } } }`,
    { id, token, key: newId("key") },
    tester,
  );
  expect(paying.errors?.[0]?.extensions).toMatchObject({ code: "RATE_LIMITED" });
  expect(paying.errors?.[0]?.extensions?.["retryAfterSeconds"]).toBeGreaterThan(500);
});

test("an address where guests' payments were declined takes signed-in customers', up to their own and its larger number", async () => {
  const office = "office of payers";
  const newcomer: Identity = { ...customer("usr_newcomer"), client: office };
  const tester: Identity = { ...customer("usr_tester"), client: office };
  let declined = 0;
  const decline = async (who: Identity) => {
    const { id } = await reserved(`o${declined}@x.test`, who);
    await publishDecline(id);
    declined++;
    await eventually(async () => {
      const rows = await shop.service.kit.pg.sql`
        select from declines where payer_key = ${office} and declined = ${declined}`;
      return rows.length === 1;
    }, "the decline was not counted");
  };
  const pays = (who: Identity) => shop.checkout(shop.checkoutInput(), who);
  for (let at = 0; at < 3; at++) await decline(from(office));
  await expect(pays(from(office))).rejects.toThrow(/RATE_LIMITED/);
  expect(codes(await pays(newcomer))).toEqual([]);
  for (let at = 0; at < 2; at++) await decline(tester);
  // Wherever they are.
  await expect(pays({ ...tester, client: "elsewhere" })).rejects.toThrow(
    /Too many of your payments were declined: try again in \d+ s\./,
  );
  await expect(pays(newcomer)).rejects.toThrow(/from your network were declined: try again in \d+ s\./);
  expect(codes(await pays({ ...newcomer, client: "elsewhere" }))).toEqual([]);
});

test("guests of other e-mails and addresses don't wait for each other's unpaid orders", async () => {
  const { pg } = shop.service.kit;
  await pg.transact(async (tx) => {
    const holder = { id: "ord_first", customerId: null, email: "first@x.test", client: null };
    await holdsTooMany(tx, holder, defaultUnpaidLimits);
    // While that transaction is open; a wait for its locks would end with an error after 5 s.
    expect(codes(await unpaid("second@x.test", { kind: "guest" }))).toEqual([]);
    expect(codes(await unpaid("third@x.test", from("third")))).toEqual([]);
  });
});

test("an order's time to be paid runs by Postgres' clock, however wrong the service's own is", async () => {
  const { kit } = shop.service;
  const { order: known } = await shop.checkout(shop.checkoutInput());
  const found = await openStore(kit, { expirySeconds: 900 }).find(known.id);
  if (!found) throw new Error("the order is gone");
  const { lines, totals, address, shippingOptionId, email } = found;
  vi.useFakeTimers({ toFake: ["Date"], now: Date.now() - 86_400_000 });
  try {
    const details = {
      ...{
        id: newId("ord"),
        number: "A-WRONG-CLOCK",
        cartId: newId("cart"),
        cartVersion: 1,
        customerId: null,
        client: null,
      },
      ...{ lines, totals, address, shippingOptionId, email },
    };
    const store = openStore(kit, { expirySeconds: 900 });
    const placed = await kit.pg.transact((tx) =>
      store.place(tx, { type: "PlaceOrder", paymentToken: null, details }),
    );
    const [row] = await kit.pg.sql<{ left: number; created: Date; expires: Date; due: Date }[]>`
      select extract(epoch from expires_at - now())::float as left, created_at as created, expires_at as expires,
        due_at as due from orders where id = ${details.id}`;
    expect(row?.left).toBeGreaterThan(800);
    expect(placed?.createdAt).toEqual(row?.created);
    expect(placed && "expiresAt" in placed && placed.expiresAt).toEqual(row?.expires);
    expect(placed?.progress.remindAt).toEqual(row?.due);
  } finally {
    vi.useRealTimers();
  }
});
