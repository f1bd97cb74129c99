import { customer, eventually, staff, useService } from "@shop/testkit";
import { beforeEach, expect, test } from "vitest";
import shipping from "../src/main.ts";
import { awaited, confirmed } from "./builders.ts";

const shop = useService(shipping);
let orderId: string;
let count = 0;

beforeEach(() => {
  orderId = newOrder();
});

const newOrder = () => `ord_off${++count}`;
const parcelOf = (order: string) => `${order.replace("ord_", "shp_")}_BER`;

const callOff = async (order: string) => {
  const request = { orderId: order, by: "CUSTOMER", reason: null, request: "key-1" } as const;
  return (await shop.kit.bus.request("shipping.callOff", request, customer())).outcome;
};

async function scheduled(order: string) {
  await shop.republish(confirmed({ orderId: order }));
  await shop.waitForEvent("ShipmentScheduled", ({ data }) => data.orderId === order);
}

/** The codes of its user errors. */
async function ship(order: string): Promise<string[]> {
  const { data } = await shop.graphql(
    `mutation ($id: ID!) { shipmentAdvance(shipmentId: $id, status: SHIPPED) { userErrors { code message } } }`,
    { id: parcelOf(order) },
    staff,
  );
  const { userErrors } = data?.["shipmentAdvance"] ?? { userErrors: [{ code: "NO_ANSWER" }] };
  return (userErrors as { code: string }[]).map(({ code }) => code);
}

const statusOf = async (order: string) => {
  const [row] = await shop.kit.pg.sql<{ status: string }[]>`
    select status from shipments where id = ${parcelOf(order)}`;
  return row?.status;
};
const calledOffEvents = (order: string) =>
  shop.events("ShipmentCalledOff").filter(({ data }) => data.orderId === order);

test("an order that is called off stays so; a repeated request gets the same answer, a reminder the event again", async () => {
  await scheduled(orderId);
  expect(await callOff(orderId)).toBe("called-off");
  expect(await callOff(orderId)).toBe("called-off");
  expect(await ship(orderId)).toEqual(["CONFLICT"]);
  expect(await statusOf(orderId)).toBe("CANCELLED");
  await eventually(() => calledOffEvents(orderId).length === 1, "no event was published");
  await shop.republish(awaited(orderId));
  await eventually(() => calledOffEvents(orderId).length === 2, "no second event was published");
});

test("what has left is never called off", async () => {
  await scheduled(orderId);
  expect(await ship(orderId)).toEqual([]);
  expect(await callOff(orderId)).toBe("left");
  expect(await statusOf(orderId)).toBe("SHIPPED");
  expect(calledOffEvents(orderId)).toEqual([]);
});

test("a call-off that waited for the lock sees the parcel as it is afterwards", async () => {
  await scheduled(orderId);
  const isSending = Promise.withResolvers<void>();
  const commit = Promise.withResolvers<void>();
  const { sql } = shop.kit.pg;
  const sending = sql.begin(async (tx) => {
    await tx`select from deliveries where order_id = ${orderId} for update`;
    await tx`update deliveries set version = version + 1 where order_id = ${orderId}`;
    await tx`update shipments set status = 'SHIPPED' where order_id = ${orderId}`;
    isSending.resolve();
    await commit.promise;
  });
  await isSending.promise;
  const asking = callOff(orderId);
  await eventually(async () => {
    const waiting = await sql`
      select from pg_stat_activity where wait_event_type = 'Lock' and datname = current_database()`;
    return waiting.length > 0;
  }, "no call-off waits for the lock");
  commit.resolve();
  await sending;
  expect(await asking).toBe("left");
  expect(await statusOf(orderId)).toBe("SHIPPED");
});

test("an order that shipping does not know yet is called off, by many requests at once, and never ships", async () => {
  const answers = await Promise.all(Array.from({ length: 8 }, () => callOff(orderId)));
  expect(new Set(answers)).toEqual(new Set(["called-off"]));
  await shop.republish(confirmed({ orderId }));
  // The late confirmation gets ShipmentCalledOff as its answer.
  await eventually(() => calledOffEvents(orderId).length === 2);
  expect(await statusOf(orderId)).toBeUndefined();
});

test("of shipping and calling off, in a hundred races, exactly one wins each parcel", async () => {
  const orders = Array.from({ length: 100 }, newOrder);
  await Promise.all(orders.map(scheduled));
  const ends = await Promise.all(
    orders.map(async (order, at) => {
      const race = at % 2 === 0 ? [callOff(order), ship(order)] : [ship(order), callOff(order)];
      const [one, other] = await Promise.all(race);
      const [outcome, errors] = (at % 2 === 0 ? [one, other] : [other, one]) as [string, string[]];
      return { outcome, isRefused: errors.includes("CONFLICT"), status: await statusOf(order) };
    }),
  );
  for (const { outcome, isRefused, status } of ends) {
    expect([outcome, isRefused, status]).toEqual(
      outcome === "left" ? ["left", false, "SHIPPED"] : ["called-off", true, "CANCELLED"],
    );
  }
});
