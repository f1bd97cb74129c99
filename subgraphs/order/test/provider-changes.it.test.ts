import { eventually, staff } from "@shop/testkit";
import { afterAll, beforeAll, expect, test } from "vitest";
import { openShop, eventsOf, type Shop } from "./fixtures.ts";

let shop: Shop;
beforeAll(async () => {
  shop = await openShop();
});
afterAll(() => shop[Symbol.asyncDispose]());

const usd = (amount: number) => ({ amount, currency: "USD" });
const isOf = (id: string) => (event: { sagaId?: string | undefined }) => event.sagaId === id;

async function confirmed() {
  const { order } = await shop.checkout();
  const id = order.id as string;
  const ref = { orderId: id, paymentId: id.replace("ord_", "pay_") };
  const events = eventsOf(id);
  for (const [type, data] of [
    ["InventoryReserved", events.reserved],
    ["PaymentProcessed", events.processed],
    ["PaymentCaptured", events.captured],
  ] as const)
    await shop.publish(type, data);
  await shop.until(id, "CONFIRMED");
  return { id, ref };
}

const staffs = async (query: string) => {
  const { data, errors } = await shop.service.graphql(query, {}, staff);
  if (errors) throw new Error(JSON.stringify(errors));
  return data;
};
const worklist = async (dispute: string) => {
  const data = await staffs(`{ orders(dispute: ${dispute}) { totalCount nodes { id } } }`);
  return data?.["orders"] as { totalCount: number; nodes: { id: string }[] };
};

test("a dispute is on the timeline and in staff's work list, holds the parcels, and changes no status", async () => {
  const { id, ref } = await confirmed();
  const other = await confirmed();
  await shop.publish("PaymentDisputed", { ...ref, amount: usd(1200), reason: "fraudulent" });
  const held = await shop.service.waitForEvent("OrderHoldChanged", isOf(id));
  expect(held.data.isHeld).toBe(true);
  await eventually(async () => (await worklist("OPEN")).totalCount === 1);
  expect((await worklist("OPEN")).nodes).toEqual([{ id }]);
  expect((await worklist("LOST")).totalCount).toBe(0);
  const read = `{ order(id: "${id}") { status dispute timeline { type status } } quiet: order(id: "${other.id}") { dispute } }`;
  expect(await staffs(read)).toMatchObject({
    order: { status: "CONFIRMED", dispute: "OPEN" },
    quiet: { dispute: null },
  });
  await shop.publish("PaymentDisputeClosed", { ...ref, amount: usd(1200), outcome: "WON" }, 2);
  await shop.service.waitForEvent("OrderHoldChanged", (it) => isOf(id)(it) && !it.data.isHeld);
  await eventually(async () => (await worklist("OPEN")).totalCount === 0);
  const data = await staffs(read);
  const shown = data?.["order"] as { timeline: { type: string; status: string }[] } | undefined;
  expect(shown?.timeline.slice(-2)).toEqual([
    { type: "PAYMENT_DISPUTED", status: "CONFIRMED" },
    { type: "PAYMENT_DISPUTE_CLOSED", status: "CONFIRMED" },
  ]);
});

test("a full refund at the provider has the parcels stopped, and cancels once they are", async () => {
  const { id, ref } = await confirmed();
  await shop.publish("PaymentRefundedAtProvider", { ...ref, amount: usd(200), isFull: false });
  await shop.publish("PaymentRefundedAtProvider", { ...ref, amount: usd(1200), isFull: true }, 2);
  const { data } = await shop.service.waitForEvent("OrderRecalled", isOf(id));
  await shop.publish("ShipmentCalledOff", { ...data, by: "SYSTEM" });
  await shop.until(id, "CANCELLED");
  const event = await shop.service.waitForEvent("OrderCancelled", isOf(id));
  expect(event.data.by).toBe("SYSTEM");
});
