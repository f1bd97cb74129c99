import { audienceKey, signReference, type Identity } from "@shop/service";
import { customer, guest, staff, tableDrift, testMasterKey, useService } from "@shop/testkit";
import { beforeAll, expect, test } from "vitest";
import { shippingWith } from "../src/main.ts";
import * as tables from "../src/tables.ts";
import { confirmed } from "./builders.ts";
import { watchedCarrier } from "./fixtures.ts";

const orderId = "ord_1";
const service = useService(shippingWith(watchedCarrier()));
let id = "";

beforeAll(async () => {
  await service.republish(confirmed({ orderId }));
  const scheduled = await service.waitForEvent("ShipmentScheduled");
  id = scheduled.data.shipments[0]?.shipmentId ?? "";
});

async function find(asker: Identity, proof?: string): Promise<unknown> {
  const { data, errors } = await service.graphql(
    `query ($of: [_Any!]!) { _entities(representations: $of) { ... on Shipment { id order { id } } } }`,
    { of: [{ __typename: "Shipment", id, ...(proof && { proof }) }] },
    asker,
  );
  expect(errors).toBeUndefined();
  return data?.["_entities"][0];
}

test("tables.ts describes the migrated database", async () => {
  expect(await tableDrift(service.kit.pg.sql, tables)).toEqual([]);
});

test("a parcel is read by staff, and by whom the order service proved it for", async () => {
  const key = audienceKey(testMasterKey, "shipping");
  const aGuest: Identity = { kind: "guest", proofScope: "operation 1" };
  for (const asker of [customer("usr_ann"), aGuest, guest]) {
    const proof = signReference({ type: "Shipment", id }, asker, key);
    expect(await find(asker, proof)).toEqual({ id, order: { id: orderId } });
    expect(await find(asker)).toBeNull();
    expect(await find(customer("usr_eve"), proof)).toBeNull();
    expect(await find({ kind: "guest", proofScope: "operation 2" }, proof)).toBeNull();
    const other = signReference({ type: "Shipment", id: "shp_other" }, asker, key);
    expect(await find(asker, other)).toBeNull();
  }
  expect(await find(staff)).toEqual({ id, order: { id: orderId } });
});
