import { customer, eventually, staff, tableDrift } from "@shop/testkit";
import { afterAll, beforeAll, expect, test } from "vitest";
import * as tables from "../src/tables.ts";
import { address, eventsOf, openShop, quoteOf, type Shop } from "./fixtures.ts";

let shop: Shop;
beforeAll(async () => {
  shop = await openShop();
});
afterAll(() => shop[Symbol.asyncDispose]());

const find = async (variables: Record<string, unknown>) => {
  const { data, errors } = await shop.service.graphql(
    `query ($query: String, $status: OrderStatus, $paymentState: OrderPaymentState, $placedFrom: DateTime,
        $placedBefore: DateTime, $changedSince: DateTime, $first: Int, $after: String) {
      orders(query: $query, status: $status, paymentState: $paymentState, placedFrom: $placedFrom,
        placedBefore: $placedBefore, changedSince: $changedSince, first: $first, after: $after) {
        totalCount nodes { id number createdAt updatedAt paymentState } pageInfo { hasNextPage endCursor } } }`,
    variables,
    staff,
  );
  expect(errors).toBeUndefined();
  return data?.["orders"];
};
const idsOf = async (variables: Record<string, unknown>): Promise<string[]> =>
  (await find(variables)).nodes.map(({ id }: { id: string }) => id);

test("the tables are those that tables.ts describes", async () => {
  expect(await tableDrift(shop.service.kit.pg.sql, tables)).toEqual([]);
});

test("staff find an order by what a caller says, however it is written", async () => {
  shop.quote = async (asked) => {
    const reply = quoteOf(asked);
    if (reply.outcome === "quoted")
      reply.quote.lines = reply.quote.lines.map((line) => ({ ...line, sku: "NV-200/Ü" }));
    return reply;
  };
  const shippingAddress = {
    ...{ ...address, name: "Zoë O’Neill-Möller", phone: "+49 (30) 123-4567" },
    ...{ city: "London", postalCode: "SW1A 1AA", country: "GB" },
  };
  const { order } = await shop.checkout(shop.checkoutInput({ shippingAddress, email: "Zoe@Example.test" }));
  shop.quote = async (asked) => quoteOf(asked);
  await shop.checkout();
  for (const query of [
    ...["Zoe O'Neill-Moller", "zoë möller", "ZOE", "O’Neill", "o'neill", "oneill", "moller oneill"],
    ...[`#${order.number}`, order.number.toLowerCase(), "zoe@example", "nv-200/u", "NV-200/Ü"],
    ...["SW1A 1AA", "sw1a1aa", "+49 30 1234567", "030 123-4567", "(030) 1234567"],
  ]) {
    expect([query, await idsOf({ query })]).toEqual([query, [order.id]]);
  }
  for (const query of ["Zoe Miller", "030 1234568", "SW1A 2AA", "%", "_", "\\"]) {
    expect([query, await idsOf({ query })]).toEqual([query, []]);
  }
  expect((await find({ query: "zoe" })).totalCount).toBe(1);
});

test("old rows are found as new ones are, once the migration has run", async () => {
  const shippingAddress = { ...address, name: "Señor Núñez", phone: "+34 91 123" };
  const { order } = await shop.checkout(shop.checkoutInput({ shippingAddress }));
  const { sql } = shop.service.kit.pg;
  const file = new URL("../migrations/002-find-orders.sql", import.meta.url);
  const statement = /update order_search[^;]*;/.exec(
    await (await import("node:fs/promises")).readFile(file, "utf8"),
  );
  await sql`update order_search set words = ${`${order.number} ada@shop.test señor núñez`.toLowerCase()}
    where order_id = ${order.id}`;
  await sql.unsafe(statement?.[0] ?? "");
  for (const query of ["Nunez", "senor núñez", "3491123", "mug nunez"])
    expect(await idsOf({ query })).toEqual([order.id]);
});

test("orders are filtered by when they were placed, when they changed, and where their money stands", async () => {
  const before = new Date();
  const one = await shop.checkout();
  const between = new Date();
  const two = await shop.checkout();
  const [first, second] = [one.order.id, two.order.id] as string[];
  if (!first || !second) throw new Error("there are two orders");
  expect(await idsOf({ placedFrom: before })).toEqual([second, first]);
  expect(await idsOf({ placedFrom: between })).toEqual([second]);
  expect(await idsOf({ placedFrom: before, placedBefore: between })).toEqual([first]);
  expect((await find({ placedFrom: before, placedBefore: between })).totalCount).toBe(1);
  expect(await idsOf({ placedBefore: new Date("2020-01-01") })).toEqual([]);

  const changes = new Date();
  await shop.publish("InventoryReserved", eventsOf(first).reserved);
  await shop.until(first, "AWAITING_PAYMENT");
  expect(await idsOf({ changedSince: changes })).toEqual([first]);
  await shop.publish("PaymentProcessed", eventsOf(first).processed);
  await shop.until(first, "PAID");
  const paid = { placedFrom: before, paymentState: "AUTHORIZED" };
  const page = await find(paid);
  expect(page.nodes).toMatchObject([{ id: first, paymentState: "AUTHORIZED" }]);
  expect(page.nodes[0].updatedAt > page.nodes[0].createdAt).toBe(true);
  await shop.publish("PaymentCaptured", eventsOf(first).captured);
  await eventually(async () => (await idsOf({ ...paid, paymentState: "CAPTURED" })).length === 1);
  expect(await idsOf(paid)).toEqual([]);
  expect(await idsOf({ ...paid, paymentState: "UNPAID" })).toEqual([second]);
  expect(await idsOf({ ...paid, paymentState: "UNPAID", status: "CREATED" })).toEqual([second]);
});

test("what is found is paged, and for staff alone", async () => {
  const placedFrom = new Date();
  const input = { shippingAddress: { ...address, name: "Paged Person" } };
  for (let n = 0; n < 3; n++) await shop.checkout(shop.checkoutInput(input));
  const first = await find({ query: "paged person", placedFrom, first: 2 });
  expect(first).toMatchObject({ totalCount: 3, pageInfo: { hasNextPage: true } });
  const rest = await find({ query: "paged person", placedFrom, first: 2, after: first.pageInfo.endCursor });
  expect(rest.nodes).toHaveLength(1);
  const { errors } = await shop.service.graphql(`{ orders { totalCount } }`, {}, customer());
  expect(errors?.[0]?.extensions?.["code"]).toBe("FORBIDDEN");
});
