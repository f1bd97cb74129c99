import { eventually } from "@shop/testkit/eventually";
import { afterAll, beforeAll, expect, test } from "vitest";
import { untilInvariantsHold } from "../src/check-invariants.ts";
import { openShop, type OpenShop } from "../src/open-shop.ts";
import { key, plentyOf, readyCart, untilOrder } from "../src/shopping.ts";
import { saleStaff, spend } from "./sale-shoppers.ts";

let open: OpenShop;
beforeAll(async () => {
  open = await openShop();
});
afterAll(() => open.close());

test("from a plan to a bought phone: shown, queued for, declined, handed on, and paid at the sale's price", async () => {
  const { guest } = open;
  const staff = await saleStaff(open);
  const [{ sku, product } = { sku: "", product: "" }] = await plentyOf(guest, 1);
  const [ada, bea] = await staff.customers(2, sku);
  if (!ada || !bea) throw new Error("no customers were made");
  const sale = await staff.plan(sku, 1, { holdSeconds: 60 });

  // The sale stands in search results and in the list, with the shop's own clock.
  const shown = await guest.get(
    `query ($query: String!) { search(query: $query, first: 5) { nodes { variants { sku flashSale { id price { amount } status startsAt now } } } }
      flashSales { id } }`,
    { query: product },
  );
  const found = shown.search.nodes
    .flatMap((node: { variants: { sku: string; flashSale: unknown }[] }) => node.variants)
    .find((variant: { sku: string }) => variant.sku === sku);
  expect(found?.flashSale).toMatchObject({ id: sale.id, price: { amount: "7.77" }, status: "RUNNING" });
  expect(Date.parse(found.flashSale.now)).toBeGreaterThanOrEqual(Date.parse(found.flashSale.startsAt));
  expect(shown.flashSales).toContainEqual({ id: sale.id });

  // An ordinary checkout of it has to queue.
  // Cart knows of a sale by an event: a checkout at the very moment of its plan still becomes an order, and needs a new cart.
  const problems = await eventually(async () => {
    const ordinary = await readyCart(guest, [sku]);
    const { data } = await guest.send("checkout-lean", { input: { ...ordinary, idempotencyKey: key() } });
    return data?.checkout.problems.find((it: { __typename: string }) => it.__typename === "QueueRequired");
  }, "the ordinary checkout was not stopped");
  expect(problems).toMatchObject({ flashSaleId: sale.id });

  // Ada holds the unit, Bea waits and follows her ticket.
  const [adas, beas] = [guest.as(ada.accessToken), guest.as(bea.accessToken)];
  const held = await adas.carryOut("flash-sale-enter", { flashSaleId: sale.id, idempotencyKey: key() });
  expect(held.ticket).toMatchObject({ status: "HOLDING" });
  const waiting = await beas.carryOut("flash-sale-enter", { flashSaleId: sale.id, idempotencyKey: key() });
  expect(waiting.ticket).toMatchObject({ status: "WAITING", position: 1 });
  const ticketId = waiting.ticket?.id ?? "";
  const feed = beas.subscribe("flash-sale-ticket-updated", { ticketId });
  const statusOf = (push: (typeof feed.pushes)[number]) => push.data?.flashSaleTicketUpdated.status;
  await feed.until((push) => statusOf(push) === "WAITING");

  // Ada's card is declined and she cancels: the unit is Bea's within the same transaction.
  await spend(adas, ada, held.ticket?.id ?? "", "gives up");
  await feed.until((push) => statusOf(push) === "HOLDING");
  const orderId = (await spend(beas, bea, ticketId, "pays")) ?? "";
  const order = await untilOrder(beas, orderId, null, ["CONFIRMED", "SHIPPED", "DELIVERED"]);
  expect(order?.lines).toMatchObject([{ sku, quantity: 1, unitPrice: { amount: "7.77" } }]);
  await feed.until((push) => statusOf(push) === "BOUGHT");
  await eventually(() => feed.isOver(), "the subscription did not end");
  expect(feed.pushes.map(statusOf)).toEqual(["WAITING", "HOLDING", "BOUGHT"]);
  const late = await adas.send("flash-sale-enter", { flashSaleId: sale.id, idempotencyKey: key() });
  expect(late.data?.flashSaleEnter.userErrors).toMatchObject([{ code: "SALE_SOLD_OUT" }]);
  expect(await untilInvariantsHold(() => open.shop.status())).toEqual([]);
});
