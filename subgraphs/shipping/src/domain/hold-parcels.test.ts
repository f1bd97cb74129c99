import type { Decision, ShopEvent } from "@shop/events";
import { describe, expect, test } from "vitest";
import { awaited, cancelled, confirmed } from "../../test/builders.ts";
import { decide } from "./decide.ts";
import type { Delivery } from "./delivery.ts";
import type { Message } from "./message.ts";
import type { BookTask } from "./tasks.ts";

const at = "2026-03-01T13:00:00.000Z";
const order = confirmed({ warehouses: ["BER", "RNO"] });
const booked: Message = { type: "ParcelsBooked", orderId: "ord_1", at, bookings: [] };
const leaves = (shipmentId = "shp_1_BER") =>
  ({ type: "AdvanceShipment", shipmentId, status: "SHIPPED", location: null, at }) as Message;

const of = <T extends ShopEvent["type"]>(type: T, version: number, data: object) =>
  ({
    ...order,
    id: `${type}-${version}`,
    type,
    aggregate: { id: "ord_1", version },
    data: { orderId: "ord_1", ...data },
  }) as unknown as ShopEvent<T>;
const hold = (isHeld: boolean, version = 5) => of("OrderHoldChanged", version, { isHeld });
const recall = of("OrderRecalled", 6, { reason: "The payment was refunded.", request: "refunded ord_1" });

function play(...messages: Message[]) {
  let state: Delivery | undefined;
  let last: Decision<Delivery> | undefined;
  const tasks: string[] = [];
  const published: string[] = [];
  for (const message of messages) {
    last = decide(state, message);
    if (last.outcome === "ignored") continue;
    state = last.state;
    tasks.push(...last.tasks.map(({ kind }) => kind));
    published.push(...last.events.map(({ type }) => type));
  }
  return { state, last, tasks, published };
}

describe("a held order", () => {
  test("lets no parcel leave, until it is released", () => {
    const held = play(order, booked, hold(true), leaves());
    expect(held.last).toEqual({ outcome: "ignored", reason: "HELD" });
    const released = play(order, booked, hold(true), hold(false, 6), leaves());
    expect(released.published.at(-1)).toBe("ShipmentUpdated");
  });

  test("lets a parcel that has left go on, and keeps the other", () => {
    const left = [order, booked, leaves(), hold(true)];
    const moves = { ...leaves(), status: "DELIVERED" } as Message;
    expect(play(...left, moves).published.at(-1)).toBe("ShipmentUpdated");
    expect(play(...left, leaves("shp_1_RNO")).last).toMatchObject({ reason: "HELD" });
  });

  test("is not booked before it is released, also when the hold came before its confirmation", () => {
    const held = play(hold(true), order, order);
    expect(held.tasks).toEqual([]);
    expect(held.state).toMatchObject({ status: "BOOKING", shipments: [{}, {}] });
    const { last } = play(hold(true), order, hold(false, 6));
    if (last?.outcome !== "changed") throw new Error("expected a change");
    expect(last.tasks).toMatchObject([{ kind: "book", payload: { orderId: "ord_1" } }]);
    expect((last.tasks[0]?.payload as BookTask | undefined)?.parcels).toHaveLength(2);
    expect(play(hold(true), hold(false, 6), order).tasks).toEqual(["book"]);
    expect(play(hold(true), order, hold(false, 6), hold(false, 7)).tasks).toEqual(["book"]);
  });

  test("has the state of its newest version, whatever comes late or twice", () => {
    expect(play(order, booked, hold(false, 6), hold(true, 5), leaves()).published.at(-1)).toBe(
      "ShipmentUpdated",
    );
    expect(play(order, booked, hold(true), hold(true)).last).toMatchObject({ reason: "OLD_HOLD" });
    expect(play(hold(true), hold(false, 6), hold(true), order).tasks).toEqual(["book"]);
  });

  test("whose OrderHoldChanged was lost is held by the reminder", () => {
    const reminder = (isHeld: boolean, version: number) => of("ShipmentAwaited", version, { isHeld });
    const { published, last } = play(order, booked, reminder(true, 7), leaves());
    expect(published).toEqual(["ShipmentScheduled", "ShipmentScheduled"]);
    expect(last).toMatchObject({ reason: "HELD" });
    expect(play(order, booked, reminder(true, 7), reminder(false, 8), leaves()).published.at(-1)).toBe(
      "ShipmentUpdated",
    );
    expect(play(order, reminder(true, 7)).state?.hold).toMatchObject({ isHeld: true });
    expect(play(order, booked, awaited(), leaves()).published.at(-1)).toBe("ShipmentUpdated");
  });

  test("can be cancelled", () => {
    expect(play(hold(true), order, cancelled()).state?.status).toBe("CANCELLED");
    expect(play(hold(true), cancelled(), order).state?.status).toBe("CANCELLED");
    expect(play(hold(true), cancelled(), hold(false, 6), order).tasks).toEqual([]);
  });
});

describe("an order whose money was given back", () => {
  test("has its parcels stopped, and ShipmentCalledOff is published", () => {
    for (const before of [[], [order], [order, booked], [hold(true), order]]) {
      const { state, last } = play(...before, recall);
      expect(state?.status).toBe("CANCELLED");
      expect(last).toMatchObject({ outcome: "changed" });
      if (last?.outcome !== "changed") continue;
      expect(last.events.at(-1)).toMatchObject({
        ...{ type: "ShipmentCalledOff", causationId: recall.id },
        data: { by: "SYSTEM", request: "refunded ord_1" },
      });
    }
    expect(play(recall, order).tasks).toEqual([]);
  });

  test("gets the state of its parcels when one has left", () => {
    const { last, state } = play(order, booked, leaves(), recall);
    expect(state?.status).toBe("BOOKED");
    expect(last).toMatchObject({
      events: [{ type: "ShipmentScheduled", data: { shipments: [{ status: "SHIPPED" }, {}] } }],
    });
  });

  test("gets the same answer again, also after it was called off for another reason", () => {
    expect(
      play(order, booked, recall, recall).published.filter((type) => type === "ShipmentCalledOff"),
    ).toHaveLength(2);
    expect(play(order, cancelled(), recall).published.at(-1)).toBe("ShipmentCalledOff");
  });
});
