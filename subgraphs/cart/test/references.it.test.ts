import { customer, guest, staff, testStores, type TestService, type TestStores } from "@shop/testkit";
import { newId } from "@shop/values";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { productOf, sell, shopper, startCart } from "./fixtures.ts";

let stores: TestStores;
let service: TestService;
let stop: () => Promise<void>;

beforeAll(async () => {
  stores = await testStores();
  ({ service, stop } = await startCart(stores));
  await sell(service, productOf("mug"));
});

afterAll(async () => {
  await stop?.();
  await stores?.[Symbol.asyncDispose]();
});

const someone = () => customer(newId("usr"));

describe("a reference", () => {
  const read = async (reference: object, identity: Parameters<TestService["graphql"]>[2]) => {
    const { data, errors } = await service.graphql(
      `query ($of: [_Any!]!) { _entities(representations: $of) {
        ... on User { id cart { id itemCount } } ... on Cart { id itemCount } } }`,
      { of: [reference] },
      identity,
    );
    expect(errors).toBeUndefined();
    return data?.["_entities"][0] as unknown;
  };

  it("to a customer opens their cart to that customer and to staff", async () => {
    const me = someone();
    const id = me.kind === "user" ? me.userId : "";
    const { cart } = await shopper(service, me).create({ lines: [{ sku: "mug", quantity: 1 }] });
    const user = { __typename: "User", id };
    for (const other of [guest, someone()]) expect(await read(user, other)).toEqual({ id, cart: null });
    const own = { id, cart: { id: cart.id, itemCount: 1 } };
    expect([await read(user, me), await read(user, staff)]).toEqual([own, own]);
  });

  it("to a customer's cart opens it to that customer and to staff", async () => {
    const me = someone();
    const { cart } = await shopper(service, me).create({ lines: [{ sku: "mug", quantity: 1 }] });
    const reference = { __typename: "Cart", id: cart.id };
    for (const other of [guest, someone()]) expect(await read(reference, other)).toBeNull();
    const own = { id: cart.id, itemCount: 1 };
    expect([await read(reference, me), await read(reference, staff)]).toEqual([own, own]);
  });
});
