import { audienceKey, isReadable, type Identity } from "@shop/service";
import { customer, guest, staff, testMasterKey } from "@shop/testkit";
import { afterAll, beforeAll, expect, test } from "vitest";
import { openShop, type Shop } from "./fixtures.ts";

let shop: Shop;
beforeAll(async () => {
  shop = await openShop();
});
afterAll(() => shop[Symbol.asyncDispose]());

test("a bare reference to an order is read by its customer and by staff; a guest's by staff alone", async () => {
  const ann = customer("usr_reference");
  const theirs = (await shop.checkout(shop.checkoutInput(), ann)).order.id;
  const guests = (await shop.checkout()).order.id;
  const read = async (id: string, who: typeof guest) => {
    const query = `query ($id: ID!) { _entities(representations: [{ __typename: "Order", id: $id }]) { ... on Order { id } } }`;
    const { data, errors } = await shop.service.graphql(query, { id }, who);
    expect(errors).toBeUndefined();
    return data?.["_entities"][0]?.id ?? null;
  };
  const askers = [guest, customer("usr_eve"), ann, staff];
  expect(await Promise.all(askers.map((who) => read(theirs, who)))).toEqual([null, null, theirs, theirs]);
  expect(await Promise.all(askers.map((who) => read(guests, who)))).toEqual([null, null, null, guests]);
});

test("who reads an order gets a proof for its payment, each asker another one", async () => {
  const proofsFor = async (who: typeof guest) => {
    const query = `query ($id: ID!, $token: String) { order(id: $id, token: $token) { payment { id proof } } }`;
    return (await shop.service.graphql(query, { id: order.id, token }, who)).data?.["order"].payment;
  };
  const { order, orderToken: token } = await shop.checkout();
  const key = audienceKey(testMasterKey, "payment");
  const first: Identity = { kind: "guest", proofScope: "operation 1" };
  const { id, proof } = await proofsFor(first);
  expect(isReadable({ type: "Payment", id, proof }, first, key)).toBe(true);
  const others: Identity[] = [{ kind: "guest", proofScope: "operation 2" }, customer("usr_eve")];
  for (const asker of others) {
    expect(isReadable({ type: "Payment", id, proof }, asker, key)).toBe(false);
    const own = await proofsFor(asker);
    expect(isReadable({ type: "Payment", id, proof: own.proof }, asker, key)).toBe(true);
  }
});
