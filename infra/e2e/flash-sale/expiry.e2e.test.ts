import { setTimeout as sleep } from "node:timers/promises";
import { afterAll, beforeAll, expect, test } from "vitest";
import { untilInvariantsHold } from "../src/check-invariants.ts";
import { openShop, type OpenShop } from "../src/open-shop.ts";
import { key, plentyOf, untilReady } from "../src/shopping.ts";
import { insist, saleStaff, spend, takePart } from "./sale-shoppers.ts";

let open: OpenShop;
beforeAll(async () => {
  open = await openShop({ isSplit: true });
});
afterAll(() => open.close());

const holders = 100;
const waves = 10;
const finals = new Set(["BOUGHT", "EXPIRED", "LEFT", "SOLD_OUT"]);

test(
  "a thousand holds that run out at the very moment of their checkout: each unit has one owner, no CONFIRMED is lost",
  {
    timeout: 900_000,
  },
  async () => {
    const { guest, shop } = open;
    const staff = await saleStaff(open);
    const skus = (await plentyOf(guest, waves, 10)).map(({ sku }) => sku);
    const outcomes = new Map<string, number>();
    for (const [wave, sku] of skus.entries()) {
      const [early, late] = [await staff.customers(holders, sku), await staff.customers(30, sku)];
      const sale = await staff.plan(sku, holders, { holdSeconds: 3 });
      const held = await Promise.all(
        early.map(async (customer) => {
          const me = guest.as(customer.accessToken);
          const variables = { flashSaleId: sale.id, idempotencyKey: key() };
          const { ticket } = (await insist(() => me.send("flash-sale-enter", variables))).flashSaleEnter;
          return { me, customer, ticketId: ticket.id, endsAt: Date.parse(ticket.holdExpiresAt) };
        }),
      );
      const waiting = late.map((customer) => takePart(guest, sale, customer, "pays"));
      // In every other wave inventory stands still from then on, so that the event of the order and the timer, which waits
      // three seconds longer, meet when it goes on.
      const stopped =
        wave % 2 ? pauseInventory(Math.min(...held.map(({ endsAt }) => endsAt)) + 150, 3_000) : undefined;
      const spent = await Promise.all(
        held.map(async ({ me, customer, ticketId, endsAt }) => {
          await sleep(Math.max(0, endsAt - Date.now() - 400 + Math.random() * 450));
          const orderId = await spend(me, customer, ticketId, "pays");
          return { me, ticketId, orderId };
        }),
      );
      await stopped;
      for (const { me, ticketId, orderId } of spent) {
        let status = "";
        while (!finals.has(status)) {
          status = (await insist(() => me.send("flash-sale-ticket", { id: ticketId }))).flashSaleTicket
            .status;
          if (!finals.has(status)) await sleep(100);
        }
        const order = orderId && (await insist(() => me.send("order-page", { id: orderId }))).order.status;
        const isBought = ["CONFIRMED", "SHIPPED", "DELIVERED"].includes(order ?? "");
        expect([ticketId, isBought]).toEqual([ticketId, status === "BOUGHT"]);
        const outcome = `${status}${order ? `, order ${order}` : ", no order"}`;
        outcomes.set(outcome, (outcomes.get(outcome) ?? 0) + 1);
      }
      for (const { end } of await Promise.all(waiting)) {
        const outcome = `${end} after waiting`;
        outcomes.set(outcome, (outcomes.get(outcome) ?? 0) + 1);
      }
      await staff.end(sale);
    }
    console.log(`holds that ran out at their checkout: ${JSON.stringify(Object.fromEntries(outcomes))}`);
    await untilReady(shop.url);
    expect(await untilInvariantsHold(() => shop.status())).toEqual([]);
    // The race was one: some were in time, some were not, and what ran out went to those who waited.
    expect(outcomes.get("BOUGHT after waiting") ?? 0).toBeGreaterThan(10);
    expect(outcomes.get("BOUGHT, order CONFIRMED") ?? 0).toBeGreaterThan(20);
    expect(
      (outcomes.get("EXPIRED, no order") ?? 0) + (outcomes.get("EXPIRED, order REJECTED") ?? 0),
    ).toBeGreaterThan(20);
  },
);

async function pauseInventory(atMs: number, forMs: number): Promise<void> {
  await sleep(Math.max(0, atMs - Date.now()));
  await open.shop.kill("inventory", "SIGSTOP");
  await sleep(forMs);
  await open.shop.kill("inventory", "SIGCONT");
}
