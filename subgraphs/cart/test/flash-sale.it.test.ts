import { event, type Identity, type ServiceDefinition } from "@shop/service";
import type { RequestInput, RequestReply } from "@shop/events";
import {
  customer,
  eventually,
  guest,
  startTestService,
  stubService,
  testStores,
  type TestService,
  type TestStores,
} from "@shop/testkit";
import { afterAll, beforeAll, expect, test } from "vitest";
import cart from "../src/main.ts";
import { lineId, productOf, publishProduct, shopper } from "./fixtures.ts";

type Terms = RequestReply<"inventory.flashSales">;

const ada = customer("usr_ada");
const address = { name: "Ada", line1: "Main St 1", city: "Berlin", postalCode: "10115", country: "DE" };
const stack = new AsyncDisposableStack();
let stores: TestStores;
let service: TestService;
let terms: Terms;
const asked: RequestInput<"inventory.flashSales">[] = [];

const planned = (sku: string, outsideSale: "ORDINARY" | "NOT_FOR_SALE", fromS = -60, toS = 600) => {
  const at = (seconds: number) => new Date(Date.now() + seconds * 1000).toISOString();
  return {
    ...{ saleId: `sale_${sku}`, sku, variantId: `var_${sku}`, productId: `prd_${sku}`, outsideSale },
    ...{ price: { amount: 400, currency: "USD" }, startsAt: at(fromS), endsAt: at(toS) },
  };
};
const holding: Terms = {
  sales: [{ saleId: "sale_phone", sku: "phone", isRunning: true }],
  ticket: {
    ...{ outcome: "holding", saleId: "sale_phone", sku: "phone", price: { amount: 400, currency: "USD" } },
    holdExpiresAt: "2026-03-05T12:00:00.000Z",
  },
};

beforeAll(async () => {
  stores = stack.use(await testStores());
  const none = { isLast: true };
  stack.use(
    await stubService(stores, "catalog", { "catalog.products": async () => ({ products: [], ...none }) }),
  );
  const early = { ...planned("early", "NOT_FOR_SALE", 3_600, 7_200), version: 1 };
  stack.use(
    await stubService(stores, "inventory", {
      "inventory.stock": async () => ({ stock: [], ...none }),
      "inventory.plannedSales": async () => ({ sales: [early] }),
      "inventory.flashSales": async (input) => {
        asked.push(input);
        return terms;
      },
    }),
  );
  const option = { id: "standard", name: "Standard", estimatedDelivery: "2026-03-05T12:00:00.000Z" };
  stack.use(
    await stubService(stores, "shipping", {
      "shipping.options": async ({ subtotal: { currency } }) => ({
        options: [{ ...option, price: { amount: 550, currency } }],
      }),
    }),
  );
  service = stack.use(await startTestService(cart as ServiceDefinition, { stores }));
  for (const sku of ["phone", "mug", "early"]) {
    await publishProduct(service, productOf(sku));
    const ids = { sku, variantId: `var_${sku}`, productId: `prd_${sku}` };
    const data = { ...ids, available: sku === "phone" ? 0 : 9, version: 1 };
    await service.publish(event("StockChanged", { aggregateId: sku, version: 1, data }));
  }
  await eventually(async () => (await newCart(["mug"])).problems.length === 0, "the products did not come");
  const data = planned("phone", "ORDINARY");
  await service.publish(event("FlashSaleChanged", { aggregateId: data.saleId, version: 1, data }));
  await eventually(
    async () => kinds(await newCart(["phone"])).includes("QueueRequired"),
    "the sale did not come",
  );
});
afterAll(() => stack.disposeAsync());

async function newCart(skus: string[], quantity = 1, who: Identity = ada) {
  return (await shopper(service, who).create({ lines: skus.map((sku) => ({ sku, quantity })) })).cart;
}

const kinds = ({ problems }: { problems: { __typename: string }[] }) => problems.map((it) => it.__typename);

const quote = (cartId: string, flashSaleTicketId?: string, who: Identity = ada) =>
  service.kit.bus.request(
    "cart.quote",
    { cartId, shippingOptionId: "standard", address, ...(flashSaleTicketId && { flashSaleTicketId }) },
    who,
  );

test("a line in a running sale needs a ticket; one that is kept for its sale is not for sale before it", async () => {
  expect(kinds(await newCart(["phone", "mug", "early"]))).toEqual(["QueueRequired", "NotForSale"]);
});

test("an ordinary checkout of it is stopped by inventory's clock", async () => {
  const { id, ...shown } = await newCart(["phone", "mug"]);
  terms = { sales: [{ saleId: "sale_phone", sku: "phone", isRunning: true }], ticket: null };
  const queueRequired = [{ lineId: lineId({ id, ...shown }), flashSaleId: "sale_phone" }];
  expect(await quote(id)).toMatchObject({ outcome: "problems", notEnoughStock: [], queueRequired });
  expect(asked.at(-1)).toEqual({ skus: ["phone"] });
  terms = { sales: [], ticket: null };
  expect(await quote(id)).toMatchObject({ outcome: "problems", notEnoughStock: [{ sku: "phone" }] });
});

test("a cart without such a variant asks inventory for nothing", async () => {
  const { id } = await newCart(["mug"]);
  const before = asked.length;
  expect(await quote(id)).toMatchObject({ outcome: "quoted" });
  expect(asked.length).toBe(before);
});

test("a ticket buys one unit at the sale's price, also where the ordinary stock has none", async () => {
  const shown = await newCart(["phone", "mug"]);
  terms = holding;
  const reply = await quote(shown.id, "flt_1");
  expect(reply).toMatchObject({
    outcome: "quoted",
    quote: {
      lines: [
        { sku: "phone", quantity: 1, unitPrice: { amount: 400 } },
        { sku: "mug", unitPrice: { amount: 1000 } },
      ],
      totals: { subtotal: { amount: 1400 } },
      flashSale: {
        ticketId: "flt_1",
        saleId: "sale_phone",
        lineId: lineId(shown),
        holdExpiresAt: "2026-03-05T12:00:00.000Z",
      },
    },
  });
  const document = `query ($id: ID!, $address: AddressInput, $ticket: ID) { cart(id: $id) {
    quote(shippingOptionId: "standard", address: $address, flashSaleTicketId: $ticket) { subtotal { amount } } } }`;
  const { data } = await service.graphql(document, { id: shown.id, address, ticket: "flt_1" }, ada);
  expect(data?.cart.quote).toEqual({ subtotal: { amount: "14.00" } });
});

test.each([
  ["another's or unknown", ["phone"], 1, { ticket: { outcome: "unknown" } }, "NOT_FOUND"],
  ["that holds nothing", ["phone"], 1, { ticket: { outcome: "not-holding" } }, "TICKET_NOT_HOLDING"],
  ["whose unit is in an order", ["phone"], 1, { ticket: { outcome: "in-order" } }, "TICKET_NOT_HOLDING"],
  ["of a variant that is not in the cart", ["mug"], 1, {}, "INVALID_INPUT"],
  ["for two units", ["phone"], 2, {}, "QUANTITY_LIMIT"],
] as const)("a ticket %s is refused", async (_, skus, quantity, changes, code) => {
  const { id } = await newCart([...skus], quantity);
  terms = { ...holding, ...changes };
  expect(await quote(id, "flt_1")).toMatchObject({
    outcome: "refused",
    code,
    field: ["input", "flashSaleTicketId"],
  });
});

test("a ticket whose hold has run out says to wait, since entering at once answers the same ticket", async () => {
  const { id } = await newCart(["phone"]);
  terms = { ...holding, ticket: { outcome: "not-holding" } };
  expect(await quote(id, "flt_1")).toMatchObject({ message: expect.stringContaining("wait five seconds") });
});

test("a cart in another currency than the sale's is refused", async () => {
  const { id } = await newCart(["phone"]);
  terms = {
    ...holding,
    ticket: { ...holding.ticket, price: { amount: 400, currency: "EUR" } } as Terms["ticket"],
  };
  expect(await quote(id, "flt_1")).toMatchObject({ outcome: "refused", code: "CURRENCY_NOT_SUPPORTED" });
});

test("a sale that was ended early needs no ticket any more; an older version of it changes nothing", async () => {
  const data = planned("phone", "ORDINARY", -60, -30);
  await service.publish(event("FlashSaleChanged", { aggregateId: data.saleId, version: 3, data }));
  const open = planned("phone", "ORDINARY");
  await service.publish(event("FlashSaleChanged", { aggregateId: data.saleId, version: 2, data: open }));
  await eventually(
    async () => !kinds(await newCart(["phone"])).includes("QueueRequired"),
    "the end did not come",
  );
  expect(kinds(await newCart(["phone"], 1, guest))).toEqual(["NotEnoughStock"]);
});
