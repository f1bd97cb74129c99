import type { RequestInput } from "@shop/events";
import type { Identity } from "@shop/service";
import { customer, eventually, staff } from "@shop/testkit";
import { newId } from "@shop/values";
import { afterAll, afterEach, beforeAll, expect, test } from "vitest";
import { codes, openShop, eventsOf, type Shop } from "./fixtures.ts";

let shop: Shop;
let asked: RequestInput<"shipping.callOff">[] = [];
const stops = async (input: RequestInput<"shipping.callOff">) => {
  asked.push(input);
  return { outcome: "called-off" } as const;
};
beforeAll(async () => {
  shop = await openShop();
  shop.callOff = stops;
});
afterAll(() => shop[Symbol.asyncDispose]());
afterEach(() => {
  shop.callOff = stops;
  asked = [];
});

const types = (order: { timeline: { type: string }[] }) => order.timeline.map(({ type }) => type);
const cancelledOf = (id: string) =>
  shop.service.events("OrderCancelled").filter(({ sagaId }) => sagaId === id);

async function reserved() {
  const { order, orderToken } = await shop.checkout();
  const id: string = order.id;
  await shop.publish("InventoryReserved", eventsOf(id).reserved);
  await shop.until(id, "AWAITING_PAYMENT");
  const variables = { orderId: id, token: orderToken as string, key: newId("key"), reason: "too late" };
  return { id, variables, now: () => shop.read(id, orderToken) };
}

async function confirmed() {
  const order = await reserved();
  await shop.publish("PaymentProcessed", eventsOf(order.id).processed);
  await shop.publish("PaymentCaptured", eventsOf(order.id).captured);
  await shop.until(order.id, "CONFIRMED");
  return order;
}

test("an order says whether it can be paid and cancelled, as the acts then find", async () => {
  const { id, variables, now } = await reserved();
  expect(await now()).toMatchObject({ status: "AWAITING_PAYMENT", canPay: true, canCancel: true });
  await shop.publish("PaymentProcessed", eventsOf(id).processed);
  await shop.publish("PaymentCaptured", eventsOf(id).captured);
  await shop.until(id, "CONFIRMED");
  expect(await now()).toMatchObject({ canPay: false, canCancel: true });
  expect(codes(await shop.pay(variables))).toEqual(["ORDER_NOT_PAYABLE"]);
  await shop.publish("ShipmentUpdated", { ...parcel(id, "SHIPPED") }, 2);
  await shop.until(id, "SHIPPED");
  expect(await now()).toMatchObject({ canPay: false, canCancel: false });
  expect(codes(await shop.cancel(variables))).toEqual(["ORDER_NOT_CANCELLABLE"]);
  const other = await reserved();
  const { order: cancelled } = await shop.cancel(other.variables);
  expect(cancelled).toMatchObject({ status: "CANCELLED", canPay: false, canCancel: false });
});

test("an order without a parcel says how it is sent; one from before this was recorded says nothing", async () => {
  const { id, now } = await reserved();
  const told = { code: "standard", name: "Standard", estimatedDelivery: "2026-12-01T00:00:00.000Z" };
  expect(await now()).toMatchObject({ shipments: [], shippingOption: told });
  await shop.service.kit.pg.sql`update orders set details = details - 'shippingOption' where id = ${id}`;
  expect(await now()).toMatchObject({ id, shippingOption: null });
});

test("attempts that are used up, and the deadline, end what can be paid", async () => {
  const { id, now } = await reserved();
  const used = (patch: object) => shop.service.kit.pg.sql`
    update orders set progress = progress || ${shop.service.kit.pg.sql.json({ ...patch })} where id = ${id}`;
  await used({ attempt: 1_000 });
  expect(await now()).toMatchObject({ canPay: false, canCancel: true });
  await used({ attempt: 1 });
  expect(await now()).toMatchObject({ canPay: true });
  await shop.service.kit.pg
    .sql`update orders set expires_at = now() - interval '1 second', due_at = now() + interval '1 hour' where id = ${id}`;
  expect(await now()).toMatchObject({ canPay: false });
});

test("the same key twice at once cancels once, and another key finds it past cancelling", async () => {
  const { id, variables, now } = await reserved();
  const answers = await Promise.all([shop.cancel(variables), shop.cancel(variables)]);
  answers.push(await shop.cancel(variables));
  for (const answer of answers) {
    expect(answer.userErrors).toEqual([]);
    expect(answer.order.status).toBe("CANCELLED");
  }
  await eventually(() => cancelledOf(id).length === 1);
  expect(cancelledOf(id)[0]?.data).toMatchObject({ by: "CUSTOMER", reason: "too late" });
  expect(codes(await shop.cancel({ ...variables, key: newId("key") }))).toEqual(["ORDER_NOT_CANCELLABLE"]);
  expect(codes(await shop.cancel({ ...variables, reason: "other" }))).toEqual(["IDEMPOTENCY_KEY_REUSED"]);
  expect(types(await now()).filter((type) => type === "ORDER_CANCELLED")).toHaveLength(1);
  expect(asked, "nothing was confirmed, so shipping need not be asked").toEqual([]);
});

test.each<[string, Identity, string]>([
  ["its owner, signed in since", customer("usr_ada"), "Cancelled by the customer: too late"],
  ["its owner, who works for the shop", staff, "Cancelled by the customer: too late"],
  ["the shop", staff, "Cancelled by the shop: too late"],
])("a guest's order that is cancelled by %s says so", async (who, identity, reason) => {
  const { variables } = await reserved();
  const answer = await shop.cancel(who === "the shop" ? { ...variables, token: null } : variables, identity);
  expect(answer).toMatchObject({ order: { statusReason: reason }, userErrors: [] });
  expect(answer.order.timeline.at(-1)).toMatchObject({ type: "ORDER_CANCELLED", message: reason });
});

test("an order that its owner cancels is cancelled by the customer, also where the owner is staff", async () => {
  for (const [buyer, canceller, reason] of [
    [customer("usr_ada"), customer("usr_ada"), "Cancelled by the customer."],
    [staff, staff, "Cancelled by the customer."],
    [customer("usr_ada"), staff, "Cancelled by the shop."],
  ] as const) {
    const { order } = await shop.checkout(shop.checkoutInput(), buyer);
    const answer = await shop.cancel({ orderId: order.id }, canceller);
    expect(answer).toMatchObject({ order: { statusReason: reason }, userErrors: [] });
  }
});

test("a confirmed order is cancelled once shipping has stopped it; a replay asks no service", async () => {
  const { id, variables, now } = await confirmed();
  const both = await Promise.all([shop.cancel(variables), shop.cancel(variables)]);
  expect(both.map(codes)).toEqual([[], []]);
  expect(both[0].order).toMatchObject({
    status: "CANCELLED",
    statusReason: "Cancelled by the customer: too late",
  });
  expect(asked[0]).toMatchObject({ orderId: id, by: "CUSTOMER", reason: "too late" });
  const before = asked.length;
  expect(codes(await shop.cancel(variables))).toEqual([]);
  expect(asked).toHaveLength(before);
  expect(types(await now()).filter((type) => type === "ORDER_CANCELLED")).toHaveLength(1);
});

test("what has left is not cancelled, though this service doesn't know of it yet", async () => {
  const { id, variables, now } = await confirmed();
  shop.callOff = async () => ({ outcome: "left" });
  const answer = await shop.cancel(variables);
  expect(codes(answer)).toEqual(["ORDER_NOT_CANCELLABLE"]);
  expect(answer.order.status).toBe("CONFIRMED");
  await shop.publish("ShipmentUpdated", { ...parcel(id, "DELIVERED") }, 3);
  await shop.until(id, "DELIVERED");
  expect(codes(await shop.cancel(variables))).toEqual(["ORDER_NOT_CANCELLABLE"]);
  expect(cancelledOf(id)).toEqual([]);
  expect(types(await now())).not.toContain("ORDER_CANCELLED");
});

test("while shipping doesn't answer, cancelling is unavailable, nothing is written, and the key works later", async () => {
  const { id, variables, now } = await confirmed();
  shop.callOff = () => Promise.reject(new Error("away"));
  await expect(shop.cancel(variables)).rejects.toThrow("SERVICE_UNAVAILABLE");
  expect((await now()).status).toBe("CONFIRMED");
  expect(cancelledOf(id)).toEqual([]);
  shop.callOff = stops;
  expect(codes(await shop.cancel(variables))).toEqual([]);
  expect((await now()).status).toBe("CANCELLED");
});

test("an order service that dies on shipping's answer learns it by an event, and the same key then succeeds", async () => {
  const { id, variables, now } = await confirmed();
  shop.callOff = async (input) => {
    await shop.publish("ShipmentCalledOff", input, 3);
    throw new Error("the answer is lost");
  };
  await expect(shop.cancel(variables)).rejects.toThrow("SERVICE_UNAVAILABLE");
  await shop.until(id, "CANCELLED");
  expect((await now()).statusReason).toBe("Cancelled by the customer: too late");
  await eventually(() => cancelledOf(id).length === 1);
  expect(codes(await shop.cancel(variables))).toEqual([]);
  expect(codes(await shop.cancel({ ...variables, key: newId("key") }))).toEqual(["ORDER_NOT_CANCELLABLE"]);
  expect(cancelledOf(id)).toHaveLength(1);
});

function parcel(orderId: string, status: "SHIPPED" | "DELIVERED") {
  const shipmentId = orderId.replace("ord_", "shp_");
  return { orderId, shipmentId, status, shipments: [{ shipmentId, warehouseCode: "EU", status }] };
}
