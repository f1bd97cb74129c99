import { expect, test } from "vitest";
import { ended, confirmed, initiated, type Wanted } from "../builders.ts";
import { adjust } from "./adjust.ts";
import { apply } from "./apply.ts";
import { available, emptyModel, type Model, type OrderEvent } from "./model.ts";

const warehouses = [
  { code: "BER", country: "DE" },
  { code: "RNO", country: "US" },
];

/** A shop with so many units of each SKU in Berlin and in Reno. */
function shopWith(stock: Record<string, [berlin: number, reno: number]>): Model {
  const items = Object.keys(stock).map((sku) => ({ sku, variantId: `var_${sku}`, productId: "prd_1" }));
  return Object.entries(stock).reduce(
    (model, [sku, units]) =>
      units.reduce(
        (now, delta, at) => adjust(now, { sku, warehouseCode: warehouses[at]?.code ?? "", delta }).model,
        model,
      ),
    emptyModel(warehouses, items),
  );
}

const sent = (model: Model, wanted: Wanted[], country: string) => {
  const [first] = apply(model, initiated("ord_1", wanted, country)).events;
  if (first?.type !== "InventoryReserved") throw new Error(`expected a reservation, got ${first?.type}`);
  return first.data.allocations.map(
    ({ lineId, warehouseCode, quantity }) => `${lineId} ${warehouseCode} ${quantity}`,
  );
};

test("an order is sent from its own country when that can send it all", () => {
  const shop = shopWith({ a: [5, 5] });
  expect(sent(shop, [{ sku: "a", quantity: 2 }], "US")).toEqual(["l1 RNO 2"]);
  expect(sent(shop, [{ sku: "a", quantity: 2 }], "DE")).toEqual(["l1 BER 2"]);
  expect(sent(shop, [{ sku: "a", quantity: 2 }], "FR")).toEqual(["l1 BER 2"]);
});

test("one parcel from abroad is better than two", () => {
  const shop = shopWith({ a: [5, 5], b: [0, 5] });
  expect(
    sent(
      shop,
      [
        { sku: "a", quantity: 1 },
        { sku: "b", quantity: 1 },
      ],
      "DE",
    ),
  ).toEqual(["l1 RNO 1", "l2 RNO 1"]);
});

test("an order that no warehouse can send alone is split", () => {
  const shop = shopWith({ a: [3, 4] });
  expect(sent(shop, [{ sku: "a", quantity: 5 }], "US")).toEqual(["l1 RNO 4", "l1 BER 1"]);
});

test("all lines are reserved or none, and each shortage says what there is", () => {
  const shop = shopWith({ a: [3, 1], b: [1, 0] });
  const wanted = [
    { sku: "a", quantity: 2 },
    { sku: "b", quantity: 2 },
    { sku: "a", quantity: 3 },
    { sku: "x", quantity: 1 },
  ];
  const decision = apply(shop, initiated("ord_1", wanted));
  expect(decision.events.map(({ type, data }) => ({ type, data }))).toEqual([
    {
      type: "InventoryReservationFailed",
      data: {
        orderId: "ord_1",
        shortages: [
          { lineId: "l2", sku: "b", requested: 2, available: 1 },
          { lineId: "l3", sku: "a", requested: 3, available: 2 },
          { lineId: "l4", sku: "x", requested: 1, available: 0 },
        ],
      },
    },
  ]);
  expect(decision.model.items).toEqual(shop.items);
});

test("sold units leave the warehouse without an event; cancelled later, they are restocked", () => {
  const shop = shopWith({ a: [5, 0] });
  const reserved = apply(shop, initiated("ord_1", [{ sku: "a", quantity: 2 }])).model;
  const sold = apply(reserved, confirmed("ord_1"));
  expect(sold.events).toEqual([]);
  expect(sold.model.items.get("a")?.places.get("BER")).toEqual({ onHand: 3, reserved: 0, sold: 2 });
  const back = apply(sold.model, ended("ord_1"));
  expect(back.events.map(({ data }) => data)).toMatchObject([
    { orderId: "ord_1", wasSold: true },
    { sku: "a", available: 5 },
  ]);
  expect(back.model.items.get("a")?.places.get("BER")).toEqual({ onHand: 5, reserved: 0, sold: 0 });
});

test("a repeated event gets the same answer again and changes nothing", () => {
  const shop = shopWith({ a: [5, 0] });
  const ask = (quantity: number) => initiated("ord_1", [{ sku: "a", quantity }]);
  const says = (model: Model, event: OrderEvent) => {
    const decision = apply(model, event);
    expect(decision.model).toBe(model);
    return decision.events.map(({ type, aggregate }) => `${type} ${aggregate.version}`);
  };
  const reserved = apply(shop, ask(2)).model;
  const sold = apply(reserved, confirmed("ord_1")).model;
  const released = apply(sold, ended("ord_1")).model;
  const failed = apply(shop, ask(6)).model;
  expect(says(reserved, ask(2))).toEqual(["InventoryReserved 1"]);
  expect(says(sold, ask(2))).toEqual(["InventoryReserved 1"]);
  expect(says(sold, confirmed("ord_1"))).toEqual([]);
  expect(says(failed, ask(6))).toEqual(["InventoryReservationFailed 1"]);
  expect(says(released, ended("ord_1", "OrderExpired"))).toEqual(["InventoryReleased 3"]);
});

test("what was given back is not reserved or sold again", () => {
  const order = initiated("ord_1", [{ sku: "a", quantity: 2 }]);
  const reserved = apply(shopWith({ a: [5, 0] }), order).model;
  const released = apply(reserved, ended("ord_1", "OrderExpired")).model;
  for (const late of [confirmed("ord_1"), order]) {
    expect(apply(released, late)).toMatchObject({ outcome: "ignored", reason: "ALREADY_RELEASED" });
  }
});

test("an order that is called off before it reserves never reserves", () => {
  const shop = shopWith({ a: [5, 0] });
  const early = apply(shop, ended("ord_1"));
  expect(early).toMatchObject({ outcome: "ignored", reason: "NOTHING_RESERVED_YET", events: [] });
  const late = apply(early.model, initiated("ord_1", [{ sku: "a", quantity: 2 }]));
  expect(late).toMatchObject({ outcome: "ignored", reason: "ALREADY_RELEASED", events: [] });
  const item = late.model.items.get("a");
  expect(item && available(item)).toBe(5);
});

test("a confirmation without a reservation is parked for an operator", () => {
  expect(apply(shopWith({ a: [1, 0] }), confirmed("ord_9")).outcome).toBe("parked");
});

test("staff can't take reserved units, nor adjust unknown SKUs and warehouses", () => {
  const shop = apply(shopWith({ a: [5, 0] }), initiated("ord_1", [{ sku: "a", quantity: 2 }])).model;
  const tryIt = (sku: string, warehouseCode: string, delta: number) =>
    adjust(shop, { sku, warehouseCode, delta }).reason;
  expect(tryIt("a", "BER", -3)).toBeUndefined();
  expect(tryIt("a", "BER", -4)).toBe("TOO_LITTLE_FREE");
  expect(tryIt("a", "BER", 2_000_000_000)).toBe("TOO_MUCH");
  expect(tryIt("x", "BER", 1)).toBe("UNKNOWN_SKU");
  expect(tryIt("a", "XXX", 1)).toBe("UNKNOWN_WAREHOUSE");
});
