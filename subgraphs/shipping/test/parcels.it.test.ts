import { customer, eventually, guest, staff, useService } from "@shop/testkit";
import { beforeEach, expect, test } from "vitest";
import { refusedPostalCode } from "../src/carrier/simulated-carrier.ts";
import { shippingWith } from "../src/main.ts";
import { cancelled, confirmed, confirmationFailed } from "./builders.ts";
import { countQueries, watchedCarrier } from "./fixtures.ts";

const carrier = watchedCarrier();
const shop = useService(shippingWith(carrier));
let orderId: string;
let count = 0;

beforeEach(() => {
  orderId = `ord_${++count}`;
  carrier.behave();
});

const shipmentsQuery = /* GraphQL */ `
  query ($shipments: [_Any!]!) {
    _entities(representations: $shipments) {
      ... on Shipment {
        id
        order {
          id
        }
        carrier
        trackingNumber
        trackingUrl
        status
        estimatedDelivery
        events {
          status
          occurredAt
          location
        }
      }
    }
  }
`;
const advanceMutation = /* GraphQL */ `
  mutation ($id: ID!, $status: ShipmentStatus!, $location: String, $key: String) {
    shipmentAdvance(shipmentId: $id, status: $status, location: $location, idempotencyKey: $key) {
      shipment {
        id
        status
        events {
          status
          location
        }
      }
      userErrors {
        code
        field
      }
    }
  }
`;

test("a confirmed order is scheduled: one parcel for each warehouse, with carrier and tracking number", async () => {
  const confirmation = confirmed({ orderId, warehouses: ["BER", "RNO"] });
  await shop.republish(confirmation);
  const scheduled = await scheduledOf(orderId);
  expect(scheduled).toMatchObject({ producer: "shipping", sagaId: orderId, causationId: confirmation.id });
  const [berlin, reno] = scheduled.data.shipments;
  expect([berlin?.warehouseCode, reno?.warehouseCode]).toEqual(["BER", "RNO"]);
  const found = await find([berlin?.shipmentId ?? "", "shp_nothing", reno?.shipmentId ?? ""]);
  expect(found[1]).toBeNull();
  expect(found[0]).toMatchObject({
    order: { id: orderId },
    carrier: "Shop Parcel",
    trackingNumber: expect.stringMatching(/^SP[0-9A-F]{12}$/) as string,
    trackingUrl: expect.stringMatching(/^https:/) as string,
    status: "SCHEDULED",
    estimatedDelivery: "2026-03-04T18:00:00.000Z",
    events: [{ status: "SCHEDULED", location: "BER" }],
  });
});

test("the same confirmation twice schedules once; a new one gets the same answer", async () => {
  const confirmation = confirmed({ orderId });
  await shop.republish(confirmation);
  await shop.republish(confirmation);
  await scheduledOf(orderId);
  await shop.republish(confirmed({ orderId }));
  const answers = () => shop.events("ShipmentScheduled").filter(({ data }) => data.orderId === orderId);
  await eventually(() => answers().length === 2, "the second answer never came");
  expect(answers().map(({ aggregate }) => aggregate.version)).toEqual([2, 2]);
  expect(carrier.requests.filter(({ shipmentId }) => shipmentId.startsWith(`shp_${count}_`))).toHaveLength(1);
});

test("a carrier that fails at first is retried until it answers", async () => {
  carrier.behave({ failures: 2 });
  await shop.republish(confirmedNow());
  await scheduledOf(orderId);
  expect(carrier.requests.filter(({ shipmentId }) => shipmentId.startsWith(`shp_${count}_`))).toHaveLength(3);
});

test("a carrier without an answer for long is retried, and the order stands", async () => {
  carrier.behave({ failures: 3 });
  await shop.republish(confirmedNow());
  await eventually(async () => {
    // As after many tries, but without the waits between them.
    await shop.kit.pg.sql`
      update tasks set run_at = now(), attempts = 50
      where kind = 'book' and payload ->> 'orderId' = ${orderId} and error is not null and locked_until is null`;
    return shop.events("ShipmentScheduled").some(({ data }) => data.orderId === orderId);
  }, "the carrier was given up");
  expect(shop.events("ShipmentFailed").some(({ data }) => data.orderId === orderId)).toBe(false);
});

test("a carrier that was silent for a day since the confirmation fails the shipment", async () => {
  carrier.behave({ failures: 1 });
  const yesterday = new Date(Date.now() - 25 * 3_600_000).toISOString();
  await shop.republish(confirmed({ orderId, at: yesterday }));
  const failed = await shop.waitForEvent("ShipmentFailed", ({ data }) => data.orderId === orderId);
  expect(failed.data.reason).toBe("CARRIER_UNAVAILABLE");
});

test("a postal code that no carrier serves fails the shipment", async () => {
  await shop.republish(confirmed({ orderId, postalCode: refusedPostalCode }));
  const failed = await shop.waitForEvent("ShipmentFailed", ({ data }) => data.orderId === orderId);
  expect(failed.data.reason).toBe("REFUSED_BY_CARRIER");
});

test("a parcel that the carrier takes after it refused another one is called off as well", async () => {
  const { release } = carrier.behave({ waits: true, refusesFirst: true });
  await shop.republish(confirmed({ orderId, warehouses: ["BER", "RNO"] }));
  const isOurs = (id: string) => id.includes(orderId.replace("ord_", "shp_"));
  await eventually(() => carrier.requests.filter((it) => isOurs(it.shipmentId)).length === 2);
  // No parcel may be called off yet; a wrong call-off is given time to happen.
  await eventually(() => carrier.calledOff.some(isOurs), "", 500).catch(() => undefined);
  release();
  const late = await eventually(() => carrier.taken.find(isOurs));
  await shop.waitForEvent("ShipmentFailed", ({ data }) => data.orderId === orderId);
  await eventually(
    () => carrier.history.lastIndexOf(`off ${late}`) > carrier.history.indexOf(`taken ${late}`),
    "a parcel stayed with the carrier",
    3_000,
  );
});

test("an order that is cancelled before it is confirmed is never shipped", async () => {
  await shop.republish(cancelled(orderId));
  const late = confirmed({ orderId });
  await shop.republish(late);
  await eventually(() =>
    shop.kit.pg.sql`select from inbox where event_id = ${late.id}`.then(({ length }) => length),
  );
  expect(await shop.kit.pg.sql`select from shipments where order_id = ${orderId}`).toHaveLength(0);
});

test("an order that is cancelled while the carrier books it ends cancelled, there as well", async () => {
  const { release } = carrier.behave({ waits: true });
  await shop.republish(confirmed({ orderId }));
  const id = `shp_${count}_BER`;
  await eventually(
    () => carrier.requests.some(({ shipmentId }) => shipmentId === id),
    "the carrier got no request",
  );
  await shop.republish(confirmationFailed(orderId));
  await eventually(() => carrier.calledOff.includes(id), "the parcel was not called off");
  release();
  await eventually(
    () => carrier.calledOff.filter((one) => one === id).length === 2,
    "the late booking was not called off",
  );
  expect(await find([id])).toMatchObject([{ status: "CANCELLED" }]);
  expect(shop.events("ShipmentScheduled").some(({ data }) => data.orderId === orderId)).toBe(false);
});

test("cancelling calls off what is scheduled and says so", async () => {
  await shop.republish(confirmed({ orderId }));
  const id = (await scheduledOf(orderId)).data.shipments[0]?.shipmentId ?? "";
  await shop.republish(cancelled(orderId));
  const updated = await updatedOf(id, "CANCELLED");
  expect(updated.data.shipments).toEqual([{ shipmentId: id, warehouseCode: "BER", status: "CANCELLED" }]);
  await eventually(() => carrier.calledOff.includes(id), "the carrier got no call-off");
  expect((await advance(id, "SHIPPED")).userErrors).toEqual([{ code: "CONFLICT", field: null }]);
});

test("staff move a parcel forward, and the event is published once", async () => {
  await shop.republish(confirmed({ orderId }));
  const id = (await scheduledOf(orderId)).data.shipments[0]?.shipmentId ?? "";
  const shipped = await advance(id, "SHIPPED", { location: "Berlin", key: "one" });
  expect(shipped).toMatchObject({ shipment: { id, status: "SHIPPED" }, userErrors: [] });
  expect(shipped.shipment?.events.at(-1)).toEqual({ status: "SHIPPED", location: "Berlin" });
  expect((await updatedOf(id, "SHIPPED")).aggregate).toEqual({ id: orderId, version: 3 });
  expect(await advance(id, "SHIPPED", { location: "Berlin", key: "one" })).toEqual(shipped);
  expect(await advance(id, "SHIPPED")).toEqual(shipped);
  const reused = await advance(id, "DELIVERED", { key: "one" });
  expect(reused.userErrors).toEqual([{ code: "IDEMPOTENCY_KEY_REUSED", field: ["idempotencyKey"] }]);
  expect((await advance(id, "DELIVERED")).shipment?.status).toBe("DELIVERED");
  for (const [status, field] of [
    ["SHIPPED", "status"],
    ["CANCELLED", "status"],
  ] as const) {
    const { shipment, userErrors } = await advance(id, status);
    expect([shipment?.status, userErrors]).toEqual([
      "DELIVERED",
      [{ code: "INVALID_INPUT", field: [field] }],
    ]);
  }
  await updatedOf(id, "DELIVERED");
  expect(shop.events("ShipmentUpdated").filter(({ data }) => data.shipmentId === id)).toHaveLength(2);
});

test("moving a parcel is staff's alone, and needs one that there is", async () => {
  const variables = { id: "shp_1_BER", status: "SHIPPED" };
  for (const [identity, code] of [
    [guest, "UNAUTHENTICATED"],
    [customer(), "FORBIDDEN"],
  ] as const) {
    const { errors } = await shop.graphql(advanceMutation, variables, identity);
    expect(errors?.[0]?.extensions?.["code"]).toBe(code);
  }
  for (const id of ["shp_nothing", "", "a\0b"]) {
    expect(await advance(id, "SHIPPED")).toEqual({
      shipment: null,
      userErrors: [{ code: "NOT_FOUND", field: ["shipmentId"] }],
    });
  }
  const { userErrors } = await advance("shp_1_BER", "SHIPPED", { location: "x".repeat(201) });
  expect(userErrors).toEqual([{ code: "INVALID_INPUT", field: ["location"] }]);
});

test("a hundred parcels are one statement", async () => {
  const queries = countQueries(shop);
  await find(Array.from({ length: 100 }, (_, at) => `shp_${at}_BER`));
  expect(await queries.stop()).toBe(1);
});

const confirmedNow = () => confirmed({ orderId, at: new Date().toISOString() });

async function scheduledOf(order: string) {
  return shop.waitForEvent("ShipmentScheduled", ({ data }) => data.orderId === order);
}

async function updatedOf(id: string, status: string) {
  return shop.waitForEvent("ShipmentUpdated", ({ data }) => data.shipmentId === id && data.status === status);
}

async function find(ids: string[]): Promise<(Record<string, unknown> | null)[]> {
  const shipments = ids.map((id) => ({ __typename: "Shipment", id }));
  const { data, errors } = await shop.graphql(shipmentsQuery, { shipments }, staff);
  expect(errors).toBeUndefined();
  return (data?.["_entities"] ?? []) as (Record<string, unknown> | null)[];
}

type Advanced = {
  shipment: { id: string; status: string; events: { status: string; location: string | null }[] } | null;
  userErrors: { code: string; field: string[] | null }[];
};

async function advance(
  id: string,
  status: string,
  more: { location?: string; key?: string } = {},
): Promise<Advanced> {
  const { data, errors } = await shop.graphql(advanceMutation, { id, status, ...more }, staff);
  expect(errors).toBeUndefined();
  return data?.["shipmentAdvance"] as Advanced;
}
