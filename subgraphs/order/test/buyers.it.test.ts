import { staff } from "@shop/testkit";
import { afterAll, beforeAll, expect, test } from "vitest";
import { address, openShop, type Shop } from "./fixtures.ts";

let shop: Shop;
beforeAll(async () => {
  shop = await openShop();
});
afterAll(() => shop[Symbol.asyncDispose]());

test.each([
  ["jürgen@münchen.test", "jürgen@münchen.test"],
  ["user!name@shop.test", "user!name@shop.test"],
  [" Ada\u200b@Shop.Test ", "Ada@Shop.Test"],
])("a guest buys with the e-mail %j, as with any that may sign up", async (email, kept) => {
  const answer = await shop.checkout(shop.checkoutInput({ email }));
  expect(answer).toMatchObject({ order: { email: kept }, userErrors: [] });
});

const nevada = { ...address, city: "Reno", region: "Nevada", postalCode: "89501", country: "US" };

test("addresses go by the rules of their country: Hong Kong has no postal codes, a state is kept as its code", async () => {
  const hongKong = { ...address, city: "Hong Kong", postalCode: "", country: "HK" };
  for (const [shippingAddress, kept] of [
    [hongKong, { region: null, postalCode: "" }],
    [nevada, { region: "NV", postalCode: "89501" }],
  ] as const) {
    const { order } = await shop.checkout(shop.checkoutInput({ shippingAddress }));
    const query = `query ($id: ID!) { order(id: $id) { shippingAddress { region postalCode } } }`;
    const { data } = await shop.service.graphql(query, { id: order.id }, staff);
    expect(data?.["order"].shippingAddress).toEqual(kept);
  }
});

test.each([
  ["no state", { region: null }, ["region"]],
  ["an unknown state", { region: "Nowhere" }, ["region"]],
  ["the ZIP ABC", { postalCode: "ABC" }, ["postalCode"]],
  ["neither", { region: "", postalCode: "" }, ["region", "postalCode"]],
])("an address in the United States with %s is refused at its fields", async (_, more, fields) => {
  const { order, userErrors } = await shop.checkout(
    shop.checkoutInput({ shippingAddress: { ...nevada, ...more } }),
  );
  expect(order).toBeNull();
  expect(userErrors.map(({ field }: { field: string[] }) => field.join("."))).toEqual(
    fields.map((field) => `input.shippingAddress.${field}`),
  );
});
