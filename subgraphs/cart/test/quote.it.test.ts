import type { RequestInput } from "@shop/events";
import type { Identity, ServiceDefinition } from "@shop/service";
import {
  customer,
  eventually,
  expireEvents,
  guest,
  stubService,
  startTestService,
  testStores,
  type TestService,
  type TestStores,
} from "@shop/testkit";
import { shippingOfferId } from "@shop/values";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import cart from "../src/main.ts";
import { lineId, productOf, publishProduct, publishStock, sell, shopper } from "./fixtures.ts";

let stores: TestStores;
let service: TestService;
const open = new AsyncDisposableStack();
const products = ["a", "b", "c", "scarce"].map((name) => productOf(name));
const asked: RequestInput<"shipping.options">[] = [];

const address = { name: "Ada", line1: "Main St 1", city: "Berlin", postalCode: "10115", country: "DE" };
const ada = customer("usr_ada");
let isShippingSilent = false;

// The owners' data is older than cart's database: no event about it will arrive.
beforeAll(async () => {
  stores = open.use(await testStores());
  open.use(
    await stubService(stores, "catalog", {
      "catalog.products": async ({ after }) => {
        const rest = products.filter((product) => !after || product.productId > after);
        return { products: rest.slice(0, 2), isLast: rest.length <= 2 };
      },
    }),
  );
  const stock = products.map(({ productId, variants: [variant] }) => {
    const { sku = "", variantId = "" } = variant ?? {};
    return { sku, variantId, productId, available: sku === "scarce" ? 1 : 10, version: 1 };
  });
  open.use(
    await stubService(stores, "inventory", {
      "inventory.stock": async () => ({ stock, isLast: true }),
      "inventory.plannedSales": async () => ({ sales: [] }),
    }),
  );
  open.use(
    await stubService(stores, "shipping", {
      "shipping.currencies": async () => {
        if (isShippingSilent) throw new Error("away");
        return { currencies: ["USD", "EUR"] };
      },
      "shipping.options": async (asks) => {
        asked.push(asks);
        if (asks.address.country === "AQ" || asks.subtotal.currency === "CHF") return { options: [] };
        const price = { amount: 550, currency: asks.subtotal.currency };
        const estimatedDelivery = "2026-03-05T12:00:00.000Z";
        return { options: [{ id: "standard", name: "Standard", price, estimatedDelivery }] };
      },
    }),
  );
  open.use(
    await stubService(stores, "account", {
      "account.contact": async ({ addressId }, identity) => ({
        email: "ada@shop.test",
        address:
          addressId === "adr_1" && identity.kind === "user" && identity.userId === "usr_ada" ? address : null,
      }),
    }),
  );
  service = open.use(await startTestService(cart as ServiceDefinition, { stores }));
  const all = products.map(({ productId }) => ({ sku: productId.replace("prd_", ""), quantity: 1 }));
  await eventually(async () => {
    const { cart: made } = await shopper(service).create({ lines: all });
    return made && made.problems.length === 0;
  }, "the products and stock that the owners have did not come");
});

afterAll(() => open.disposeAsync());

async function newCart(identity: Identity = guest, lines = [{ sku: "a", quantity: 2 }]) {
  return (await shopper(service, identity).create({ lines })).cart;
}

async function quote(id: string, args: Record<string, unknown>, identity: Identity = guest) {
  const document = `query ($id: ID!, $option: ID!, $address: AddressInput, $addressId: ID) {
    cart(id: $id) { quote(shippingOptionId: $option, address: $address, addressId: $addressId) {
      subtotal { amount } discount { amount } shipping { amount } tax { amount } total { amount } } } }`;
  const { data, errors } = await service.graphql(document, { id, option: "standard", ...args }, identity);
  const { quote } = (data as { cart: { quote: unknown } }).cart;
  return { quote, code: errors?.[0]?.extensions?.["code"] };
}

it("refuses a cart in a currency that nothing is shipped in, and blames no address for one that is there", async () => {
  const prices = ["USD", "EUR", "CHF"].map((currency) => ({ amount: 1000, currency }));
  await sell(service, productOf("swiss", { variant: { prices } }));
  const lines = [{ sku: "swiss", quantity: 1 }];
  const me = shopper(service);
  isShippingSilent = true;
  const { cart: early } = await me.create({ currency: "CHF", lines });
  isShippingSilent = false;
  expect(await me.create({ currency: "CHF", lines })).toEqual({
    cart: null,
    userErrors: [{ code: "CURRENCY_NOT_SUPPORTED", field: ["input", "currency"] }],
  });
  expect((await me.create({ currency: "EUR", lines })).userErrors).toEqual([]);
  expect(await quote(early.id, { address })).toEqual({ quote: null, code: "CURRENCY_NOT_SUPPORTED" });
  const input = { cartId: early.id, shippingOptionId: "standard", address };
  expect(await service.kit.bus.request("cart.quote", input, guest)).toMatchObject({
    outcome: "refused",
    code: "CURRENCY_NOT_SUPPORTED",
    field: ["input", "cartId"],
  });
});

describe("a shopper's quote", () => {
  const price = {
    subtotal: { amount: "20.00" },
    discount: { amount: "0.00" },
    shipping: { amount: "5.50" },
    tax: { amount: "4.84" },
    total: { amount: "30.34" },
  };

  it("has shipping, and the tax of where it goes", async () => {
    const { id } = await newCart();
    expect(await quote(id, { address })).toEqual({ quote: price });
    expect(asked.at(-1)).toEqual({ weightGrams: 500, subtotal: { amount: 2000, currency: "USD" }, address });
  });

  it("is the same by an offer's id as by its code", async () => {
    const { id } = await newCart();
    const option = shippingOfferId("standard", id, address);
    expect(await quote(id, { address, option })).toEqual({ quote: price });
    const unknown = shippingOfferId("drone", id, address);
    expect(await quote(id, { address, option: unknown })).toEqual({
      quote: null,
      code: "SHIPPING_UNAVAILABLE",
    });
  });

  it("takes an address from the customer's book, and only from theirs", async () => {
    const { id } = await newCart(ada);
    expect(await quote(id, { addressId: "adr_1" }, ada)).toEqual({ quote: price });
    expect(await quote(id, { addressId: "adr_2" }, ada)).toEqual({ quote: null, code: "BAD_USER_INPUT" });
    const guests = await newCart();
    expect(await quote(guests.id, { addressId: "adr_1" })).toEqual({ quote: null, code: "UNAUTHENTICATED" });
    expect(await quote(guests.id, { addressId: "adr_1" }, customer("usr_other"))).toEqual({
      quote: null,
      code: "BAD_USER_INPUT",
    });
  });

  it.each([
    [{ address: { ...address, country: "AQ" } }, "SHIPPING_UNAVAILABLE"],
    [{ address, option: "drone" }, "SHIPPING_UNAVAILABLE"],
    [{}, "BAD_USER_INPUT"],
    [{ address: { ...address, city: "" } }, "BAD_USER_INPUT"],
    [{ address: { ...address, country: "US" } }, "BAD_USER_INPUT"],
    [{ address: { ...address, postalCode: "ABC" } }, "BAD_USER_INPUT"],
    [{ address, addressId: "adr_1" }, "BAD_USER_INPUT"],
  ])("is null for %j, with %s", async (args, code) => {
    const { id } = await newCart();
    expect(await quote(id, args)).toEqual({ quote: null, code });
  });
});

describe("an order's quote", () => {
  const ask = async (
    cartId: string,
    more: Partial<RequestInput<"cart.quote">> = {},
    identity: Identity = guest,
  ) =>
    await service.kit.bus.request(
      "cart.quote",
      { cartId, shippingOptionId: "standard", address, ...more },
      identity,
    );

  it("says all that an order must know", async () => {
    const made = await newCart(ada);
    const { id, version } = made;
    const price = (amount: number) => ({ amount, currency: "USD" });
    expect(await ask(id, { cartVersion: version }, ada)).toEqual({
      outcome: "quoted",
      quote: {
        cartId: id,
        cartVersion: 1,
        customerId: "usr_ada",
        currency: "USD",
        lines: [
          {
            lineId: lineId(made),
            variantId: "var_a",
            productId: "prd_a",
            sku: "a",
            title: "The a",
            imageUrl: "https://images.shop.test/a.jpg",
            quantity: 2,
            unitPrice: price(1000),
            lineTotal: price(2000),
            weightGrams: 250,
          },
        ],
        totals: {
          subtotal: price(2000),
          discount: price(0),
          shipping: price(550),
          tax: price(484),
          total: price(3034),
        },
        shippingOption: expect.objectContaining({ id: "standard", price: price(550) }) as unknown,
      },
    });
  });

  it("says the way's code, also where the offer's id was asked for", async () => {
    const { id } = await newCart();
    expect(await ask(id, { shippingOptionId: shippingOfferId("standard", id, address) })).toMatchObject({
      quote: { shippingOption: { id: "standard" } },
    });
  });

  it("is refused for a cart that isn't the asker's, has changed, is empty, or can't be sent", async () => {
    const { id } = await newCart(ada);
    for (const other of [guest, customer("usr_other")]) {
      expect(await ask(id, {}, other)).toMatchObject({ outcome: "refused", code: "NOT_FOUND" });
    }
    expect(await ask(id, { cartVersion: 7 }, ada)).toMatchObject({ code: "STALE_VERSION", cartVersion: 1 });
    expect(await ask((await newCart(guest, [])).id)).toMatchObject({ code: "CART_EMPTY" });
    const far = { address: { ...address, country: "AQ" } };
    expect(await ask((await newCart()).id, far)).toMatchObject({ code: "SHIPPING_UNAVAILABLE" });
  });

  it("lists the problems that stop a checkout, line by line", async () => {
    const lines = [
      { sku: "scarce", quantity: 3 },
      { sku: "b", quantity: 1 },
    ];
    const made = await newCart(guest, lines);
    await publishProduct(service, productOf("b", { version: 2, status: "ARCHIVED" }));
    const reply = await eventually(async () => {
      const answer = await ask(made.id);
      return answer.outcome === "problems" && answer.notForSale.length > 0 ? answer : undefined;
    });
    expect(reply).toEqual({
      outcome: "problems",
      cartVersion: 1,
      notEnoughStock: [{ lineId: lineId(made), sku: "scarce", requested: 3, available: 1 }],
      notForSale: [{ lineId: lineId(made, 1), sku: "b" }],
    });
  });

  it("is of today's price, whatever it was when the line was added", async () => {
    const { id } = await newCart(guest, [{ sku: "c", quantity: 1 }]);
    await publishProduct(service, productOf("c", { version: 2, price: 1500 }));
    await publishStock(service, "c", 5, 2);
    await eventually(async () => {
      const reply = await ask(id);
      return reply.outcome === "quoted" && reply.quote.totals.subtotal.amount === 1500;
    });
  });

  it("is of today's price after cart was away for longer than events are kept", async () => {
    const { id } = await newCart(guest, [{ sku: "a", quantity: 1 }]);
    await service.stop();
    products[0] = productOf("a", { version: 2, price: 1700 });
    await expireEvents(stores, "evt.catalog.0.ProductChanged");
    const { databaseUrl } = service;
    service = open.use(await startTestService(cart as ServiceDefinition, { stores, databaseUrl }));
    await eventually(async () => {
      const reply = await ask(id);
      return reply.outcome === "quoted" && reply.quote.totals.subtotal.amount === 1700;
    });
  });
});
