import { afterAll, beforeAll, expect, test } from "vitest";
import { untilInvariantsHold } from "../src/check-invariants.ts";
import { openShop, type OpenShop } from "../src/open-shop.ts";
import { key, logIn, plentyOf, readyCart, untilOrder } from "../src/shopping.ts";
import { attackFrom, stockOf } from "./attacker.ts";

let open: OpenShop;
let before: Map<string, number>;
/** The line of which a customer wants 900. */
let sku: string;

beforeAll(async () => {
  open = await openShop({ env: { TRUST_PROXY: "1" } });
  const { guest } = open;
  sku = (await plentyOf(guest, 1))[0]?.sku ?? "";
  const staff = guest.as(await logIn(guest, "staff@shop.test"));
  const input = { sku, warehouseCode: "RNO", delta: 1_000, reason: "delivery", idempotencyKey: key() };
  await staff.get(
    `mutation ($input: StockAdjustInput!) { stockAdjust(input: $input) { userErrors { code } } }`,
    { input },
  );
  before = await stockOf(guest);
});
afterAll(() => open.close());

test("an attacker who orders everything and pays nothing, from one address and then from twenty, leaves nine products in ten to buy", async () => {
  expect(before.size).toBeGreaterThan(200);
  const one = await attackFrom(open.shop.url, ["203.0.113.1"], before);
  expect(one.placed).toBeGreaterThan(100);
  expect(one.refusals.get("TOO_MANY_OPEN_ORDERS")).toBeGreaterThan(0);
  expect(one.refusals.get("QUANTITY_LIMIT")).toBeGreaterThan(0);
  await expectBuyable();
  const twenty = Array.from({ length: 20 }, (_, at) => `198.51.100.${at + 1}`);
  const many = await attackFrom(open.shop.url, twenty, before);
  expect(many.placed).toBeGreaterThan(100);
  await expectBuyable();
}, 300_000);

test("meanwhile a customer who pays buys 900 of one line", async () => {
  const { guest } = open;
  const input = { ...(await readyCart(guest, [sku], 900)), idempotencyKey: key() };
  const { checkout } = await guest.get("checkout", { input });
  expect(checkout.userErrors).toEqual([]);
  await untilOrder(guest, checkout.order.id, checkout.orderToken, ["CONFIRMED"]);
  expect(await untilInvariantsHold(() => open.shop.status())).toEqual([]);
}, 120_000);

/** Of all variants that could be bought, nine in ten still can, by who looks once all attempts have come to an end. */
async function expectBuyable() {
  const buyable = [...before].filter(([, units]) => units > 0).map(([one]) => one);
  const shareLeft = async () => {
    const after = await stockOf(open.guest);
    return buyable.filter((one) => (after.get(one) ?? 0) > 0).length / buyable.length;
  };
  for (const until = Date.now() + 30_000; (await shareLeft()) < 0.9 && Date.now() < until;) {
    await new Promise((resolve) => setTimeout(resolve, 200));
  }
  expect(await shareLeft()).toBeGreaterThanOrEqual(0.9);
}
