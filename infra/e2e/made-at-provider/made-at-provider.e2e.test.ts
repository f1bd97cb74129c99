import { setTimeout as pause } from "node:timers/promises";
import { eventually } from "@shop/testkit/eventually";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { untilInvariantsHold } from "../src/check-invariants.ts";
import type { ShipmentStatus } from "../src/generated/operations.ts";
import { openShop, type OpenShop } from "../src/open-shop.ts";
import type { Shopper } from "../src/shopper.ts";
import { key, logIn, plentyOf, readyCart, untilOrder } from "../src/shopping.ts";

describe("what is made at the provider", () => {
  let open: OpenShop;
  let staff: Shopper;
  let sku = "";
  let stripe = "";
  beforeAll(async () => {
    open = await openShop();
    staff = open.guest.as(await logIn(open.guest, "staff@shop.test"));
    const [one] = await plentyOf(open.guest, 1);
    sku = one?.sku ?? "";
    stripe = (await open.shop.status()).stripe?.url ?? "";
  });
  afterAll(() => open.close());

  const atProvider = async (path: string, params: Record<string, string> = {}) => {
    const answer = await fetch(`${stripe}/v1/${path}`, {
      method: "POST",
      headers: { authorization: "Bearer sk_test_story" },
      body: new URLSearchParams(params),
    });
    if (!answer.ok) throw new Error(await answer.text());
    return (await answer.json()) as Record<string, unknown>;
  };
  const listed = async <T extends object>(path: string): Promise<T[]> => {
    const headers = { authorization: "Bearer sk_test_story" };
    const answer = await fetch(`${stripe}/v1/${path}`, { headers });
    return ((await answer.json()) as { data: T[] }).data;
  };
  const quantity = async () => {
    const read = `query ($sku: String!) { variant(sku: $sku) { availability { quantity } } }`;
    return (await open.guest.get(read, { sku })).variant.availability.quantity as number;
  };

  async function givenConfirmed(token: string) {
    const { guest } = open;
    const input = { ...(await readyCart(guest, [sku])), paymentMethod: { token }, idempotencyKey: key() };
    const { order, orderToken } = await guest.carryOut("checkout", { input });
    const id = order.id;
    const now = async () => {
      const read = `query ($id: ID!) { order(id: $id) { status dispute timeline { type }
        payment { status refunded { amount } dispute { status } } shipments { id status } } }`;
      return (await staff.get(read, { id })).order;
    };
    await untilOrder(guest, id, orderToken, ["CONFIRMED"]);
    const shipments = await eventually(async () => {
      const { shipments: found } = await now();
      return found.length > 0 ? (found as { id: string; status: string }[]) : undefined;
    }, "no parcel was scheduled");
    const intents = await listed<{ id: string; metadata: Record<string, string> }>(
      "payment_intents?limit=100",
    );
    const intentId = intents.find(({ metadata }) => metadata["orderId"] === id)?.id ?? "";
    return { id, token: orderToken, now, shipments, intentId };
  }
  const send = async (shipmentId: string, status: ShipmentStatus) =>
    (await staff.get("shipment-advance", { shipmentId, status, idempotencyKey: key() })).shipmentAdvance
      .userErrors;

  test("a full refund cancels what has not left and restocks it; of what has left only the figures change", async () => {
    const before = await quantity();
    const kept = await givenConfirmed("pm_card_visa");
    await atProvider("refunds", { payment_intent: kept.intentId });
    await untilOrder(open.guest, kept.id, kept.token, ["CANCELLED"]);
    await eventually(async () => (await quantity()) === before, "it was not restocked");
    expect((await kept.now()).payment.status).toBe("REFUNDED");

    const sent = await givenConfirmed("pm_card_visa");
    for (const { id } of sent.shipments) expect(await send(id, "SHIPPED")).toEqual([]);
    await untilOrder(open.guest, sent.id, sent.token, ["SHIPPED"]);
    await atProvider("refunds", { payment_intent: sent.intentId });
    await eventually(async () => (await sent.now()).payment.status === "REFUNDED");
    expect((await sent.now()).status).toBe("SHIPPED");

    const part = await givenConfirmed("pm_card_visa");
    await atProvider("refunds", { payment_intent: part.intentId, amount: "100" });
    await eventually(async () => (await part.now()).payment.status === "PARTIALLY_REFUNDED");
    expect(await part.now()).toMatchObject({
      status: "CONFIRMED",
      payment: { refunded: { amount: "1.00" } },
    });
  });

  test("a dispute holds what has not left, is in staff's work list, and releases it when it is won", async () => {
    const order = await givenConfirmed("pm_card_createDispute");
    await eventually(
      async () => (await order.now()).dispute === "OPEN",
      "the dispute did not reach the order",
    );
    const worklist = async () =>
      JSON.stringify(await staff.get(`{ orders(dispute: OPEN) { nodes { id } } }`)).includes(order.id);
    expect(await worklist()).toBe(true);
    const [parcel] = order.shipments;
    // Order publishes OrderHoldChanged, which shipping handles a moment later.
    await pause(1_000);
    expect(await send(parcel?.id ?? "", "SHIPPED")).toMatchObject([{ code: "CONFLICT" }]);
    expect((await order.now()).status).toBe("CONFIRMED");
    const disputes = await listed<{ id: string; payment_intent: string }>("disputes?limit=100");
    const dispute = disputes.find((one) => one.payment_intent === order.intentId);
    await atProvider(`test/disputes/${dispute?.id}/close`, { outcome: "won" });
    await eventually(async () => (await send(parcel?.id ?? "", "SHIPPED")).length === 0, "it was still held");
    expect(await worklist()).toBe(false);
    await untilOrder(open.guest, order.id, order.token, ["SHIPPED"]);
  });

  test("and all books agree", async () => {
    expect(await untilInvariantsHold(() => open.shop.status())).toEqual([]);
  });
});
