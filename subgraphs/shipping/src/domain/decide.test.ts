import type { Decision } from "@shop/events";
import { expect, test } from "vitest";
import { awaited, cancelled, confirmationFailed, confirmed } from "../../test/builders.ts";
import { decide } from "./decide.ts";
import type { Delivery } from "./delivery.ts";
import type { Message } from "./message.ts";

const at = "2026-03-01T13:00:00.000Z";
const both = confirmed({ warehouses: ["BER", "RNO"] });
const ids = ["shp_1_BER", "shp_1_RNO"];
const booked: Message = {
  type: "ParcelsBooked",
  orderId: "ord_1",
  at,
  bookings: ids.map((shipmentId) => ({
    shipmentId,
    trackingNumber: `T-${shipmentId}`,
    trackingUrl: `https://carrier.example/${shipmentId}`,
  })),
};
const refused: Message = { type: "BookingRefused", orderId: "ord_1", reason: "REFUSED_BY_CARRIER", at };
const moves = (status: string, shipmentId = "shp_1_BER") =>
  ({ type: "AdvanceShipment", shipmentId, status, location: "Leipzig", at }) as Message;

const callOff = (request = "key-1"): Message => ({
  ...{ type: "CallOff", orderId: "ord_1", by: "CUSTOMER", reason: "too late", request, at },
});

/** The delivery after these messages. */
function given(...messages: Message[]): Delivery | undefined {
  return messages.reduce<Delivery | undefined>((state, message) => {
    const decision = decide(state, message);
    return decision.outcome === "changed" ? decision.state : state;
  }, undefined);
}

/** The events and tasks of a decision, in short. */
function short(decision: Decision<Delivery>): string[] {
  if (decision.outcome === "ignored") return [`ignored ${decision.reason}`];
  return [
    ...decision.events.map(({ type, aggregate }) => `${type} ${aggregate.version}`),
    ...decision.tasks.map(({ kind }) => `task ${kind}`),
  ];
}

const parcels = (delivery: Delivery | undefined) => delivery?.shipments.map(({ status }) => status);

test("a confirmed order becomes one parcel for each warehouse, booked after the commit", () => {
  const decision = decide(undefined, both);
  expect(short(decision)).toEqual(["task book"]);
  const parcels = [
    { shipmentId: "shp_1_BER", warehouseCode: "BER", weightGrams: 300 },
    { shipmentId: "shp_1_RNO", warehouseCode: "RNO", weightGrams: 300 },
  ];
  expect(decision).toMatchObject({ tasks: [{ payload: { orderId: "ord_1", isExpress: false, parcels } }] });
  const scheduled = decide(given(both), booked);
  expect(short(scheduled)).toEqual(["ShipmentScheduled 2"]);
  expect(scheduled).toMatchObject({
    events: [{ causationId: both.id, sagaId: "ord_1", data: { shipments: [{ shipmentId: ids[0] }, {}] } }],
    state: {
      status: "BOOKED",
      shipments: [{ trackingNumber: "T-shp_1_BER", events: [{ status: "SCHEDULED" }] }, {}],
    },
  });
});

test("a repeated event gets the same answer again", () => {
  expect(short(decide(given(both), both))).toEqual(["ignored ALREADY_BOOKING"]);
  const later = given(both, booked, moves("SHIPPED"));
  expect(decide(later, both)).toMatchObject({
    state: later,
    events: [{ type: "ShipmentScheduled", aggregate: { version: 3 } }],
  });
  const failed = given(both, refused);
  expect(decide(failed, both)).toMatchObject({ state: failed, events: [{ type: "ShipmentFailed" }] });
  expect(short(decide(given(both, booked), booked))).toEqual(["ignored ALREADY_BOOKED"]);
});

test("a refused booking fails, and parcels that a carrier may have taken are called off", () => {
  const decision = decide(given(both), refused);
  expect(short(decision)).toEqual(["ShipmentFailed 2", "task call-off"]);
  expect(parcels(given(both, refused))).toEqual(["CANCELLED", "CANCELLED"]);
  expect(short(decide(given(both, refused), cancelled()))).toEqual(["ignored NOTHING_SCHEDULED"]);
  expect(short(decide(given(both, refused), booked))).toEqual(["task call-off"]);
});

test("an option that isn't there or a country that isn't served fails at once", () => {
  expect(short(decide(undefined, confirmed({ option: "drone" })))).toEqual(["ShipmentFailed 1"]);
  expect(short(decide(undefined, confirmed({ country: "AQ" })))).toEqual(["ShipmentFailed 1"]);
});

test.each([cancelled(), confirmationFailed()])(
  "an order that has ended ($type) sends nothing, whenever the event comes",
  (off) => {
    expect(short(decide(given(off), both))).toEqual(["ignored ALREADY_CANCELLED"]);
    expect(short(decide(given(off), off))).toEqual(["ignored ALREADY_CANCELLED"]);
    expect(short(decide(given(both), off))).toEqual(["task call-off"]);
    expect(short(decide(given(both, off), booked))).toEqual(["task call-off"]);
    expect(short(decide(given(both, off), refused))).toEqual(["task call-off"]);
    expect(short(decide(given(both, booked), off))).toEqual([
      "ShipmentUpdated 3",
      "ShipmentUpdated 4",
      "task call-off",
    ]);
    expect(parcels(given(both, booked, moves("DELIVERED"), off))).toEqual(["DELIVERED", "CANCELLED"]);
  },
);

test.each(["SHIPPED", "IN_TRANSIT", "OUT_FOR_DELIVERY", "DELIVERED"])(
  "a parcel that is %s can't be called off any more, and stays on its way whatever comes",
  (status) => {
    const left = given(both, booked, moves(status));
    expect(short(decide(left, callOff()))).toEqual(["ignored LEFT"]);
    const ended = given(both, booked, moves(status), cancelled());
    expect(parcels(ended)).toEqual([status, "CANCELLED"]);
    expect(short(decide(ended, callOff()))).toEqual(["ignored LEFT"]);
    expect(parcels(given(both, booked, moves(status), cancelled(), moves("DELIVERED")))).toEqual([
      ...["DELIVERED", "CANCELLED"],
    ]);
  },
);

test("an order that is called off never leaves, and an event says so as well", () => {
  expect(short(decide(undefined, callOff()))).toEqual(["ShipmentCalledOff 2"]);
  expect(short(decide(given(both), callOff()))).toEqual(["ShipmentCalledOff 3", "task call-off"]);
  const decision = decide(given(both, booked), callOff("key-1"));
  expect(short(decision)).toEqual([
    ...["ShipmentUpdated 3", "ShipmentUpdated 4", "ShipmentCalledOff 5", "task call-off"],
  ]);
  expect(decision).toMatchObject({
    events: [{}, {}, { data: { orderId: "ord_1", by: "CUSTOMER", reason: "too late", request: "key-1" } }],
  });
  for (const before of [[], [both], [both, booked]]) {
    const off = given(...before, callOff());
    expect(short(decide(off, callOff()))).toEqual(["ignored ALREADY_CANCELLED"]);
    expect(short(decide(off, cancelled()))).toEqual(["ignored ALREADY_CANCELLED"]);
    expect(["ignored CALLED_OFF", "ignored NO_SUCH_SHIPMENT"]).toContain(
      short(decide(off, moves("SHIPPED")))[0],
    );
    expect(short(decide(off, both)), "the event is published again").toEqual([
      `ShipmentCalledOff ${off?.version}`,
    ]);
    expect(short(decide(off, awaited()))).toEqual([`ShipmentCalledOff ${off?.version}`]);
  }
  expect(short(decide(given(both, callOff()), booked))).toEqual(["task call-off"]);
  expect(short(decide(given(both, refused), callOff()))).toEqual(["ignored NOTHING_SCHEDULED"]);
});

test("a reminder gets the state of the parcels", () => {
  expect(short(decide(undefined, awaited()))).toEqual(["ignored UNKNOWN_DELIVERY"]);
  expect(short(decide(given(both), awaited()))).toEqual(["ignored ALREADY_BOOKING"]);
  expect(decide(given(both, booked, moves("DELIVERED")), awaited())).toMatchObject({
    events: [
      { type: "ShipmentScheduled", data: { shipments: [{ status: "DELIVERED" }, { status: "SCHEDULED" }] } },
    ],
  });
});

test("a parcel moves forward only, steps may be left out", () => {
  const shipped = given(both, booked, moves("SHIPPED"));
  expect(shipped?.shipments[0]?.events.map(({ status, location }) => `${status} ${location}`)).toEqual([
    "SCHEDULED BER",
    "SHIPPED Leipzig",
  ]);
  expect(short(decide(shipped, moves("DELIVERED")))).toEqual(["ShipmentUpdated 4"]);
  expect(short(decide(shipped, moves("SHIPPED")))).toEqual(["ignored ALREADY_THERE"]);
  expect(short(decide(shipped, moves("SCHEDULED")))).toEqual(["ignored NEVER_BACKWARDS"]);
  expect(short(decide(shipped, moves("CANCELLED")))).toEqual(["ignored NOT_A_STEP"]);
  expect(short(decide(shipped, moves("SHIPPED", "shp_9_BER")))).toEqual(["ignored NO_SUCH_SHIPMENT"]);
  expect(short(decide(given(both), moves("SHIPPED")))).toEqual(["ignored NOT_BOOKED_YET"]);
  expect(short(decide(given(both, booked, cancelled()), moves("SHIPPED")))).toEqual(["ignored CALLED_OFF"]);
});
