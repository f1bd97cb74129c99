import type { RequestInput, RequestReply } from "@shop/events";
import { afterAll, beforeAll, beforeEach, expect, test } from "vitest";
import { givenOrder, givenShop, paymentOf, shown, total, type Shop } from "./fixtures.ts";

let shop: Shop;
beforeAll(async () => {
  shop = await givenShop();
});
afterAll(() => shop[Symbol.asyncDispose]());

type Order = ReturnType<typeof givenOrder>;
type Asked = RequestInput<"order.win">;

const won: RequestReply<"order.win"> = { outcome: "won" };
let asked: Asked[] = [];
/** Order's replies, one for each time that it is asked; the last for all later ones. */
function orderReplies(...replies: ((it: Asked) => Promise<RequestReply<"order.win">>)[]) {
  shop.order.win = async (it) => {
    const reply = replies[Math.min(asked.push(it), replies.length) - 1];
    if (!reply) throw new Error("no reply is given");
    return reply(it);
  };
}
beforeEach(() => {
  asked = [];
  orderReplies(async () => won);
});

async function begin(order: Order = givenOrder()) {
  await shop.service.publish(order.initiated);
  return { order, reserved: await shop.service.publish(order.reserved) };
}
const of =
  ({ orderId }: Order) =>
  (event: { data: { orderId: string } }) =>
    event.data.orderId === orderId;
const typesOf = ({ orderId }: Order) =>
  (["PaymentProcessed", "PaymentCaptured", "PaymentCaptureFailed", "PaymentRefunded"] as const).filter(
    (type) => shop.service.events(type).some(({ sagaId }) => sagaId === orderId),
  );

test("a payment that wins its order is captured by one task, and publishes one event", async () => {
  const { order, reserved } = await begin();
  const captured = await shop.service.waitForEvent("PaymentCaptured", of(order));
  expect(captured).toMatchObject({ causationId: reserved.id, data: { amount: total } });
  expect(asked).toEqual([
    {
      ...{ orderId: order.orderId, paymentId: paymentOf(order.orderId), attempt: 1, amount: total },
      cause: reserved.id,
    },
  ]);
  expect(await shop.intentOf(order.orderId)).toMatchObject({ status: "succeeded", amount_received: 4200 });
  expect(typesOf(order)).toEqual(["PaymentCaptured"]);
  expect(await shown(shop.service, order.orderId)).toMatchObject([{ status: "CAPTURED" }]);
});

test("what order leaves to events, does not answer, or has lost, is captured by nobody before OrderPaid", async () => {
  const slow = () => new Promise<never>(() => undefined);
  const fails = () => Promise.reject(new Error("order is away"));
  const lost = async () => ({ outcome: "lost", reason: "ORDER_ENDED" }) as const;
  for (const reply of [slow, fails, lost]) {
    orderReplies(reply);
    const { order } = await begin();
    await shop.service.waitForEvent("PaymentProcessed", of(order));
    expect(await shop.intentOf(order.orderId)).toMatchObject({ status: "requires_capture" });
    if (reply === lost) {
      await shop.service.publish(order.cancelled);
      await shop.statusIs(order.orderId, "CANCELLED");
      expect((await shop.intentOf(order.orderId)).status).toBe("canceled");
      continue;
    }
    await shop.service.publish(order.paid);
    await shop.service.waitForEvent("PaymentCaptured", of(order));
  }
});

test("an order that is cancelled between its win and the capture is refunded, once", async () => {
  const order = givenOrder();
  orderReplies(async () => {
    await shop.service.publish(order.cancelled);
    await hasEnded(order);
    return won;
  });
  await begin(order);
  const refunded = await shop.service.waitForEvent("PaymentRefunded", of(order));
  expect(refunded.data).toMatchObject({ kind: "REFUNDED", amount: total });
  const { id } = await shop.intentOf(order.orderId);
  expect((await shop.sdk.refunds.list({ payment_intent: id })).data).toHaveLength(1);
  expect(typesOf(order)).toEqual(["PaymentRefunded"]);
});

async function hasEnded({ orderId }: Order) {
  const { pg } = shop.service.kit;
  for (;;) {
    const [row] = await pg.sql`select from payments where order_id = ${orderId} and ended is not null`;
    if (row) return;
    await new Promise((resolve) => setTimeout(resolve, 10));
  }
}

test("a capture that is refused after the win fails the payment", async () => {
  const order = givenOrder();
  // The bank takes the authorisation back in between.
  orderReplies(async () => {
    await shop.sdk.paymentIntents.cancel((await shop.intentOf(order.orderId)).id);
    return won;
  });
  await begin(order);
  await shop.service.waitForEvent("PaymentCaptureFailed", of(order));
  expect(typesOf(order)).toEqual(["PaymentCaptureFailed"]);
  expect(await shown(shop.service, order.orderId)).toMatchObject([{ status: "FAILED" }]);
});

test("a task that is tried again after its capture asks again, captures nothing twice, and reads the books", async () => {
  const order = givenOrder();
  const { pg } = shop.service.kit;
  orderReplies(async ({ orderId }) => {
    const { id } = await shop.intentOf(orderId);
    if (asked.length === 1) {
      // As if the process had died after its capture: staff refund a part before the next try.
      await shop.sdk.paymentIntents.capture(id);
      await shop.sdk.refunds.create({ payment_intent: id, amount: 200 });
      await pg.sql`update tasks set attempts = attempts + 1, locked_until = now() where kind = 'authorize'`;
      await new Promise((resolve) => setTimeout(resolve, 900));
    }
    return won;
  });
  await begin(order);
  const refunded = await shop.service.waitForEvent("PaymentRefundedAtProvider", of(order));
  expect(refunded.data).toMatchObject({ isFull: false, amount: { amount: 200 } });
  expect(asked).toHaveLength(2);
  expect(shop.service.events("PaymentCaptured").filter(of(order))).toHaveLength(1);
  expect(await shop.intentOf(order.orderId)).toMatchObject({ status: "succeeded", amount_received: 4200 });
});
