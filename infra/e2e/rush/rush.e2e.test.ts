import { setTimeout as sleep } from "node:timers/promises";
import { eventually } from "@shop/testkit";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { untilInvariantsHold } from "../src/check-invariants.ts";
import { openShop, type OpenShop } from "../src/open-shop.ts";
import type { CheckoutInput } from "../src/generated/operations.ts";
import { isEvent, typesOf } from "../src/order-feed.ts";
import type { Shopper } from "../src/shopper.ts";
import { key, logIn, plentyOf, readyCart, untilOrder } from "../src/shopping.ts";

describe("everybody at once", () => {
  let open: OpenShop;
  let guest: Shopper;
  let staff: Shopper;
  beforeAll(async () => {
    open = await openShop();
    ({ guest } = open);
    staff = guest.as(await logIn(guest, "staff@shop.test"));
  });
  afterAll(() => open.close());

  /** Tries again, under the same key, what order has held back because its saga lags: as the answer says. */
  const checkout = async (input: CheckoutInput) => {
    for (;;) {
      const { data, errors } = await guest.send("checkout", { input });
      if (!errors) return data.checkout;
      const { retryAfterSeconds } = errors[0]?.extensions ?? {};
      if (typeof retryAfterSeconds !== "number") throw new Error(JSON.stringify(errors));
      await sleep(retryAfterSeconds * 1000);
    }
  };
  const paymentsOf = async (orderId: string) => {
    const { stripe } = await open.shop.status();
    const answer = await fetch(`${stripe?.url}/v1/payment_intents?limit=100`, {
      headers: { authorization: "Bearer sk_test_story" },
    });
    const { data } = (await answer.json()) as { data: { metadata: { orderId?: string } }[] };
    return data.filter(({ metadata }) => metadata.orderId === orderId).length;
  };

  test("one key gives one order and one payment, at once and later; with another body it is refused", async () => {
    const [one] = await plentyOf(guest, 1);
    const input = { ...(await readyCart(guest, [one?.sku ?? ""])), idempotencyKey: key() };
    const both = await Promise.all([checkout(input), checkout(input), checkout(input)]);
    const ids = new Set(both.map(({ order }) => order?.id));
    expect(ids.size).toBe(1);
    expect(new Set(both.map(({ orderToken }) => orderToken)).size).toBe(1);
    const [id = ""] = ids;
    await untilOrder(guest, id, both[0]?.orderToken ?? null, ["CONFIRMED"]);
    const later = await checkout(input);
    expect(later).toMatchObject({
      order: { id, status: "CONFIRMED" },
      orderToken: both[0]?.orderToken,
      userErrors: [],
    });
    expect(await paymentsOf(id)).toBe(1);
    const other = await checkout({ ...input, email: "other@shop.test" });
    expect(other).toMatchObject({ order: null, userErrors: [{ code: "IDEMPOTENCY_KEY_REUSED" }] });
  });

  test("sent three times at once under one key, 25 times over: each has one order, which is there and is confirmed", async () => {
    const skus = (await plentyOf(guest, 5, 30)).map(({ sku }) => sku);
    const confirmed: Promise<unknown>[] = [];
    for (let round = 0; round < 25; round++) {
      const input = { ...(await readyCart(guest, [skus[round % skus.length] ?? ""])), idempotencyKey: key() };
      const answers = await Promise.all([checkout(input), checkout(input), checkout(input)]);
      const [first] = answers;
      for (const { order, orderToken, userErrors } of answers) {
        expect([order?.id, orderToken, userErrors]).toEqual([first?.order?.id, first?.orderToken, []]);
      }
      confirmed.push(untilOrder(guest, first?.order?.id ?? "", first?.orderToken ?? null, ["CONFIRMED"]));
    }
    expect(await Promise.all(confirmed)).toHaveLength(25);
  });

  test("paying and cancelling under one key happen once", async () => {
    const [one] = await plentyOf(guest, 1);
    const { paymentMethod: _, ...unpaid } = await readyCart(guest, [one?.sku ?? ""]);
    const { order, orderToken: token } = await checkout({ ...unpaid, idempotencyKey: key() });
    const orderId = order?.id ?? "";
    await untilOrder(guest, orderId, token, ["AWAITING_PAYMENT"]);
    const pay = { orderId, token, paymentMethod: { token: "pm_card_visa" }, idempotencyKey: key() };
    const paid = await Promise.all([guest.get("order-pay", pay), guest.get("order-pay", pay)]);
    expect(paid.map(({ orderPay }) => orderPay.userErrors)).toEqual([[], []]);
    await untilOrder(guest, orderId, token, ["CONFIRMED"]);
    expect((await guest.get("order-pay", pay)).orderPay).toMatchObject({
      userErrors: [],
      order: { id: orderId },
    });
    expect(await paymentsOf(orderId)).toBe(1);
    const changed = { ...pay, paymentMethod: { token: "pm_card_mastercard" } };
    expect((await guest.get("order-pay", changed)).orderPay.userErrors).toMatchObject([
      { code: "IDEMPOTENCY_KEY_REUSED" },
    ]);

    const cancel = { orderId, token, reason: "too many", idempotencyKey: key() };
    const cancelled = await Promise.all([
      guest.get("order-cancel", cancel),
      guest.get("order-cancel", cancel),
    ]);
    expect(cancelled.map(({ orderCancel }) => orderCancel.userErrors)).toEqual([[], []]);
    const reused = await guest.get("order-cancel", { ...cancel, reason: "else" });
    expect(reused.orderCancel.userErrors).toMatchObject([{ code: "IDEMPOTENCY_KEY_REUSED" }]);
    const page = await untilOrder(guest, orderId, token, ["CANCELLED"]);
    expect(page.timeline.filter(({ type }) => type === "ORDER_CANCELLED")).toHaveLength(1);
  });

  test("two checkouts of one cart version under two keys: one order, and CONFLICT with it for the other", async () => {
    const [one] = await plentyOf(guest, 1);
    const input = await readyCart(guest, [one?.sku ?? ""]);
    const both = await Promise.all([1, 2].map(() => checkout({ ...input, idempotencyKey: key() })));
    const won = both.filter(({ userErrors }) => userErrors.length === 0);
    const lost = both.filter(({ userErrors }) => userErrors[0]?.code === "CONFLICT");
    expect([won.length, lost.length]).toEqual([1, 1]);
    expect(lost[0]?.order?.id).toBe(won[0]?.order?.id);
  });

  test("a total that is no longer what was seen writes nothing", async () => {
    const [one] = await plentyOf(guest, 1);
    const input = await readyCart(guest, [one?.sku ?? ""]);
    const idempotencyKey = key();
    const wrong = await checkout({
      ...input,
      idempotencyKey,
      expectedTotal: { amount: "0.01", currency: "USD" },
    });
    expect(wrong).toMatchObject({ order: null, problems: [{ __typename: "TotalChanged" }] });
    const right = await checkout({ ...input, idempotencyKey });
    expect(right.order).not.toBeNull();
  });

  test("200 checkouts of 50 units: 50 confirmed, 150 told why, nothing reserved afterwards", async () => {
    const [one] = await plentyOf(guest, 1, 60);
    const sku = one?.sku ?? "";
    const { variant } = await staff.get(
      `query ($sku: String!) { variant(sku: $sku) { stockLevels { available warehouse { code } } } }`,
      { sku },
    );
    for (const { available, warehouse } of variant.stockLevels as {
      available: number;
      warehouse: { code: string };
    }[]) {
      const delta = (warehouse.code === "RNO" ? 30 : 20) - available;
      if (delta === 0) continue;
      const input = { sku, warehouseCode: warehouse.code, delta, reason: "count", idempotencyKey: key() };
      const { stockAdjust } = await staff.get("stock-adjust", { input });
      expect(stockAdjust.userErrors).toEqual([]);
    }
    const carts = await Promise.all(Array.from({ length: 200 }, () => readyCart(guest, [sku])));
    const payloads = await Promise.all(carts.map((input) => checkout({ ...input, idempotencyKey: key() })));
    const ends = await Promise.all(
      payloads.map(async ({ order, orderToken, problems }) =>
        order
          ? await untilOrder(guest, order.id, orderToken, ["CONFIRMED", "REJECTED"], 60_000)
          : { status: "REJECTED", statusReason: problems[0]?.__typename },
      ),
    );
    expect(ends.filter(({ status }) => status === "CONFIRMED")).toHaveLength(50);
    const rejected = ends.filter(({ status }) => status === "REJECTED");
    expect(rejected).toHaveLength(150);
    expect(rejected.every(({ statusReason }) => Boolean(statusReason))).toBe(true);
    // Inventory sells what is reserved after the order is CONFIRMED.
    await eventually(async () => {
      const after = await staff.get(
        `query ($sku: String!) { variant(sku: $sku) { availability { quantity } stockLevels { onHand reserved } } }`,
        { sku },
      );
      expect(after.variant.availability.quantity).toBe(0);
      const none = expect.objectContaining({ onHand: 0, reserved: 0 }) as unknown;
      expect(after.variant.stockLevels).toEqual(after.variant.stockLevels.map(() => none));
      return true;
    });
    expect(await untilInvariantsHold(() => open.shop.status())).toEqual([]);
  });

  test("who comes back with a cursor gets each missed event once, in order", async () => {
    const [one] = await plentyOf(guest, 1);
    const { paymentMethod: _, ...unpaid } = await readyCart(guest, [one?.sku ?? ""]);
    const paymentMethod = { token: "pm_card_visa" };
    const { order, orderToken: token } = await checkout({ ...unpaid, idempotencyKey: key() });
    const orderId = order?.id ?? "";
    const first = guest.subscribe("order-updated", { orderId, token });
    const reserved = await first.until(isEvent("INVENTORY_RESERVED"));
    first.stop();
    await guest.get("order-pay", { orderId, token, paymentMethod, idempotencyKey: key() });
    await untilOrder(guest, orderId, token, ["CONFIRMED"]);
    const again = guest.subscribe("order-updated", {
      orderId,
      token,
      after: reserved.data.orderUpdated.cursor,
    });
    await again.until(isEvent("SHIPMENT_SCHEDULED"));
    again.stop();
    expect(typesOf(again)).toEqual(["PAYMENT_PROCESSED", "ORDER_CONFIRMED", "SHIPMENT_SCHEDULED"]);
  });
});
