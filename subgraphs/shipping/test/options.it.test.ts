import { customer, guest, stubService, useService, type TestService } from "@shop/testkit";
import { expect, test } from "vitest";
import shipping from "../src/main.ts";

const shop = useService(shipping);

const address = {
  name: "Ada",
  line1: "1 Way",
  city: "Reno",
  region: "NV",
  postalCode: "89501",
  country: "US",
};
const optionsQuery = /* GraphQL */ `
  query ($carts: [_Any!]!, $address: AddressInput, $addressId: ID) {
    _entities(representations: $carts) {
      ... on Cart {
        shippingOptions(address: $address, addressId: $addressId) {
          id
          code
          name
          price {
            amount
            currency
          }
          estimatedDelivery
        }
      }
    }
  }
`;

test("a cart shows how it can be sent to an address, in its own currency", async () => {
  const { options } = await optionsFor({ address }, { weightGrams: 2500, currency: "USD" });
  expect(options).toMatchObject([
    { code: "standard", name: "Standard", price: { amount: "6.99", currency: "USD" } },
    { code: "express", price: { amount: "19.99" } },
  ]);
  const { options: euros } = await optionsFor({ address }, { weightGrams: 300, currency: "EUR" });
  expect(euros).toMatchObject([{ price: { amount: "4.49", currency: "EUR" } }, {}]);
});

test("an offer has an id of its own for each cart, place and way, which stays when it is read again", async () => {
  const idsOf = async (place: object, cartId = "cart_1") => {
    const { options } = await optionsFor({ address: { ...address, ...place } }, { cartId });
    return (options as { id: string }[]).map(({ id }) => id);
  };
  const all = [...(await idsOf({})), ...(await idsOf({}, "cart_2")), ...(await idsOf({ country: "DE" }))];
  expect(new Set(all).size).toBe(6);
  expect(await idsOf({})).toEqual(all.slice(0, 2));
  expect(all.map((id) => id.split(".")[0])).toEqual([
    "standard",
    "express",
    "standard",
    "express",
    "standard",
    "express",
  ]);
});

test("before there is an address, a country and its postal code give the same ways and prices", async () => {
  const estimateFor = async (place: object, { currency = "USD" } = {}) => {
    const { data, errors } = await shop.graphql(
      `query ($carts: [_Any!]!, $country: CountryCode!, $postalCode: String) { _entities(representations: $carts) { ... on Cart {
        shippingEstimate(country: $country, postalCode: $postalCode) { code name price { amount currency } estimatedDelivery } } } }`,
      {
        carts: [
          { __typename: "Cart", id: "cart_1", weightGrams: 2500, subtotal: { amount: "10.00", currency } },
        ],
        ...place,
      },
      guest,
    );
    return { ways: data?.["_entities"]?.[0]?.shippingEstimate, error: errors?.[0] };
  };
  const { options } = await optionsFor({ address }, { weightGrams: 2500, currency: "USD" });
  const { ways } = await estimateFor({ country: "US", postalCode: "89501" });
  expect(ways).toEqual((options as object[]).map((way) => ({ ...way, id: undefined })));
  expect(await estimateFor({ country: "US" })).toMatchObject({ ways });
  expect(await estimateFor({ country: "AQ" })).toMatchObject({ ways: [] });
  const { error: postal } = await estimateFor({ country: "US", postalCode: "ABC" });
  expect(postal).toMatchObject({
    message: `"ABC" is no ZIP code (postalCode) of US, such as 95014.`,
    extensions: { code: "BAD_USER_INPUT" },
  });
  const { error: priced } = await estimateFor({ country: "US" }, { currency: "CHF" });
  expect(priced?.extensions?.["code"]).toBe("CURRENCY_NOT_SUPPORTED");
});

test("nothing is sent to a country that isn't served", async () => {
  expect(await optionsFor({ address: { ...address, country: "AQ" } })).toEqual({
    options: [],
    code: undefined,
  });
});

test("without an address, or with one that isn't the caller's, there is a coded error", async () => {
  await using account = await stubService(shop.stores, "account", {
    "account.contact": ({ addressId }, identity) => {
      const isOwn = addressId === "adr_1" && identity.kind === "user" && identity.userId === "usr_ada";
      return Promise.resolve({ email: "ada@shop.test", address: isOwn ? address : null });
    },
  });
  expect(account).toBeDefined();
  expect((await optionsFor({ addressId: "adr_1" }, {}, customer("usr_ada"))).options).toHaveLength(2);
  expect(await optionsFor({ addressId: "adr_1" }, {}, customer("usr_eve"))).toEqual({
    options: null,
    code: "BAD_USER_INPUT",
  });
  expect(await optionsFor({ addressId: "adr_1" })).toEqual({ options: null, code: "UNAUTHENTICATED" });
  expect(await optionsFor({})).toEqual({ options: null, code: "BAD_USER_INPUT" });
  expect(await optionsFor({ address: { ...address, name: "" } })).toEqual({
    options: null,
    code: "BAD_USER_INPUT",
  });
});

test("an address by its id can't be read while account is away, and only that", async () => {
  expect(await optionsFor({ addressId: "adr_1" }, {}, customer("usr_ada"))).toEqual({
    options: null,
    code: "SERVICE_UNAVAILABLE",
  });
  expect((await optionsFor({ address })).options).toHaveLength(2);
});

test("a currency without tariffs is what is refused, not the address", async () => {
  expect(await optionsFor({ address }, { currency: "CHF" })).toEqual({
    options: null,
    code: "CURRENCY_NOT_SUPPORTED",
  });
  expect(await shop.kit.bus.request("shipping.currencies", {}, guest)).toEqual({
    currencies: ["USD", "EUR", "GBP"],
  });
});

test("cart and order ask for the same options over the bus", async () => {
  const subtotal = { amount: 1000, currency: "GBP" };
  const { options } = await shop.kit.bus.request(
    "shipping.options",
    { weightGrams: 300, subtotal, address },
    guest,
  );
  expect(options.map(({ id, price }) => [id, price])).toEqual([
    ["standard", { amount: 399, currency: "GBP" }],
    ["express", { amount: 1199, currency: "GBP" }],
  ]);
});

async function optionsFor(
  where: { address?: object; addressId?: string },
  {
    cartId = "cart_1",
    weightGrams = 300,
    currency = "USD",
  }: { cartId?: string; weightGrams?: number; currency?: string } = {},
  identity: Parameters<TestService["graphql"]>[2] = guest,
) {
  const carts = [{ __typename: "Cart", id: cartId, weightGrams, subtotal: { amount: "10.00", currency } }];
  const { data, errors } = await shop.graphql(optionsQuery, { carts, ...where }, identity);
  const [cart] = (data?.["_entities"] ?? []) as { shippingOptions: unknown[] | null }[];
  return { options: cart?.shippingOptions, code: errors?.[0]?.extensions?.["code"] };
}
