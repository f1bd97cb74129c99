import { event, seal } from "@shop/events";
import { eventually } from "@shop/testkit";
import { afterAll, beforeAll, expect, it } from "vitest";
import { openShop, type StockedShop } from "./fixtures.ts";

const stack = new AsyncDisposableStack();
let shop: StockedShop;

beforeAll(async () => {
  shop = await openShop(stack);
});
afterAll(() => stack.disposeAsync());

const changed = (userId: string, tier: "STANDARD" | "VIP", version: number) =>
  shop.send(
    seal(event("UserTierChanged", { aggregateId: userId, version, data: { userId, tier } }), new Date()),
  );

it("knows a customer's newest tier, in whatever order the changes come", async () => {
  const { sql } = shop.kit.pg;
  const sent = [
    await changed("usr_ada", "VIP", 2),
    await changed("usr_bea", "STANDARD", 3),
    await changed("usr_bea", "VIP", 2),
  ];
  const ids = sent.map(({ id }) => id);
  await eventually(async () => {
    const handled = await sql`select from inbox where event_id = any (${ids}::uuid[])`;
    return handled.length === ids.length;
  }, "the changes were not handled");
  expect(await sql`select customer_id, tier, version from customer_tiers order by customer_id`).toEqual([
    { customer_id: "usr_ada", tier: "VIP", version: 2 },
    { customer_id: "usr_bea", tier: "STANDARD", version: 3 },
  ]);
});
