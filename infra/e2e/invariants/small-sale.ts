import { setTimeout as sleep } from "node:timers/promises";
import { insist, saleStaff, spend } from "../flash-sale/sale-shoppers.ts";
import type { OpenShop } from "../src/open-shop.ts";
import { key } from "../src/shopping.ts";

/**
 * A sale of two units in two lines, 1 : 1, with five customers: the first two hold a unit and leave, the third and the fifth are
 * ordinary, the fourth is a VIP. So the VIP gets the first unit that comes back, which both lines waited for, the third the
 * other; both buy, and the fifth gets SOLD_OUT.
 */
export async function holdSmallSale(open: OpenShop, sku: string): Promise<void> {
  const { guest } = open;
  const staff = await saleStaff(open);
  const customers = await staff.customers(5, sku);
  const input = {
    userId: customers[3]?.userId ?? "",
    tier: "VIP" as const,
    reason: "a story",
    idempotencyKey: key(),
  };
  await staff.staff.carryOut("user-tier-set", { input });
  const sale = await staff.plan(sku, 2, { lineRatio: { vip: 1, standard: 1 } });
  await sleep(1_000);
  const tickets = [];
  for (const customer of customers) {
    const me = guest.as(customer.accessToken);
    const variables = { flashSaleId: sale.id, idempotencyKey: key() };
    const { ticket } = (await insist(() => me.send("flash-sale-enter", variables))).flashSaleEnter;
    tickets.push({ me, customer, id: ticket.id });
  }
  // A unit that would lie idle for this time is one that the checker names.
  await sleep(1_500);
  for (const { me, id } of tickets.slice(0, 2))
    await insist(() => me.send("flash-sale-leave", { ticketId: id, idempotencyKey: key() }));
  for (const { me, customer, id } of tickets.slice(2, 4)) await spend(me, customer, id, "pays");
  for (const { me, id } of tickets.slice(2)) {
    for (let status = ""; status !== "BOUGHT" && status !== "SOLD_OUT"; await sleep(100))
      status = (await insist(() => me.send("flash-sale-ticket", { id }))).flashSaleTicket.status;
  }
  await staff.end(sale);
}
