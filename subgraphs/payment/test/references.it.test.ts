import { audienceKey, signReference, type Identity } from "@shop/service";
import { customer, eventually, guest, staff, tableDrift, testMasterKey, useService } from "@shop/testkit";
import { beforeAll, expect, test } from "vitest";
import payment from "../src/main.ts";
import * as tables from "../src/tables.ts";
import { givenOrder, paymentOf } from "./fixtures.ts";

const service = useService(payment, { STRIPE_SECRET_KEY: "sk_test_shop" });
const order = givenOrder(null);
const id = paymentOf(order.orderId);
const ann = customer("usr_ann");
const aGuest: Identity = { kind: "guest", proofScope: "operation 1" };

beforeAll(async () => {
  await service.publish(order.initiated);
  await eventually(async () => (await read(staff)) !== null, "the payment was never known");
});

async function read(asker: Identity, proof?: string | null): Promise<unknown> {
  const { data, errors } = await service.graphql(
    `query ($of: [_Any!]!) { _entities(representations: $of) { ... on Payment { id status } } }`,
    { of: [{ __typename: "Payment", id, ...(proof !== undefined && { proof }) }] },
    asker,
  );
  expect(errors).toBeUndefined();
  return data?.["_entities"][0];
}

/** As the order service proves it. */
const proven = (asker: Identity, reference = { type: "Payment", id }, reader = "payment") =>
  signReference(reference, asker, audienceKey(testMasterKey, reader));

test("tables.ts describes the migrated database", async () => {
  expect(await tableDrift(service.kit.pg.sql, tables)).toEqual([]);
});

test("a bare id reads a payment for staff alone", async () => {
  expect(await read(staff)).toEqual({ id, status: "PENDING" });
  for (const asker of [guest, aGuest, ann, { ...ann, roles: ["SELLER", "MODERATOR"] } as Identity])
    for (const proof of [undefined, null, "", id]) expect(await read(asker, proof)).toBeNull();
});

test("whom the order service proved it for reads it, and nobody else", async () => {
  for (const asker of [ann, aGuest, guest]) {
    expect(await read(asker, proven(asker))).toEqual({ id, status: "PENDING" });
    for (const other of [customer("usr_eve"), { kind: "guest", proofScope: "operation 2" } as Identity])
      expect(await read(other, proven(asker))).toBeNull();
  }
});

test("a proof of another entity, type or reading service reads nothing", async () => {
  expect(await read(ann, proven(ann, { type: "Payment", id: "pay_other" }))).toBeNull();
  expect(await read(ann, proven(ann, { type: "Shipment", id }))).toBeNull();
  expect(await read(ann, proven(ann, { type: "Payment", id }, "shipping"))).toBeNull();
});
