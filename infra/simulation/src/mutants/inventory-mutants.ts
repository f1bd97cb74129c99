import type { Model, Reservation } from "@shop/inventory/reference-model";
import { inventory, misstated, unpublished, type Mutant } from "./mutant.ts";

const published = [
  "InventoryReserved",
  "InventoryReservationFailed",
  "InventoryReleased",
  "StockChanged",
] as const;
const ends = new Set<string>(["OrderCancelled", "OrderExpired", "OrderConfirmationFailed"]);

/** The model with every shelf changed. */
function shelves(
  model: Model,
  change: (place: { onHand: number; reserved: number; sold: number }) => object,
): Model {
  const items = [...model.items].map(([sku, item]) => {
    const places = [...item.places].map(([code, place]) => [code, { ...place, ...change(place) }] as const);
    return [sku, { ...item, places: new Map(places) }] as const;
  });
  return { ...model, items: new Map(items) };
}

function withReservation(
  model: Model,
  orderId: string,
  change: (was: Reservation) => Reservation | undefined,
): Model {
  const was = model.reservations.get(orderId);
  const now = was && change(was);
  const reservations = new Map(model.reservations);
  if (now) reservations.set(orderId, now);
  else reservations.delete(orderId);
  return { ...model, reservations };
}

/** Mistakes in inventory's reference model. */
export const inventoryMutants: Mutant[] = [
  ...published.map((type) => unpublished("inventory", type)),
  misstated("inventory", "InventoryReserved", "without its last allocation", (data) => ({
    ...data,
    allocations: data.allocations.length > 1 ? data.allocations.slice(0, -1) : data.allocations,
  })),
  misstated("inventory", "StockChanged", "with a unit more", (data) => ({
    ...data,
    available: data.available + 1,
  })),
  inventory("promises what it doesn't have", (apply) => (model, news) => {
    if (news.type !== "OrderInitiated") return apply(model, news);
    const step = apply(
      shelves(model, ({ onHand }) => ({ onHand: onHand + 1 })),
      news,
    );
    return { ...step, model: shelves(step.model, ({ onHand }) => ({ onHand: onHand - 1 })) };
  }),
  inventory(
    "promises the first line when it can't have both",
    (apply) => (model, news) =>
      apply(
        model,
        news.type === "OrderInitiated"
          ? { ...news, data: { ...news.data, lines: news.data.lines.slice(0, 1) } }
          : news,
      ),
  ),
  inventory(
    "promises a line twice when it is asked again",
    (apply) => (model, news) =>
      apply(
        news.type === "OrderInitiated" ? withReservation(model, news.data.orderId, () => undefined) : model,
        news,
      ),
  ),
  inventory("reserves what was given back before", (apply) => (model, news) => {
    const isGone =
      news.type === "OrderInitiated" && model.reservations.get(news.data.orderId)?.status === "RELEASED";
    return apply(isGone ? withReservation(model, news.data.orderId, () => undefined) : model, news);
  }),
  inventory(
    "sells nothing",
    (apply) => (model, news) =>
      news.type === "OrderConfirmed" ? { model, events: [], outcome: "ignored" } : apply(model, news),
  ),
  inventory("sells, and leaves it reserved", (apply) => (model, news) => {
    const step = apply(model, news);
    if (news.type !== "OrderConfirmed") return step;
    const isSold =
      step.model.reservations.get(news.data.orderId)?.status === "SOLD" && step.outcome === "done";
    return isSold ? { ...step, model: { ...step.model, items: model.items } } : step;
  }),
  // Not OrderConfirmationFailed alone: OrderCancelled follows it.
  ...["OrderCancelled", "OrderExpired"].map((type) =>
    inventory(
      `gives nothing back on ${type}`,
      (apply) => (model, news) =>
        news.type === type ? { model, events: [], outcome: "ignored" } : apply(model, news),
    ),
  ),
  inventory("gives back what it leaves on the books", (apply) => (model, news) => {
    const step = apply(model, news);
    return ends.has(news.type) && step.outcome === "done"
      ? { ...step, model: { ...step.model, items: model.items } }
      : step;
  }),
  inventory("gives back twice", (apply) => (model, news) => {
    const held = model.reservations.get(news.data.orderId);
    if (!ends.has(news.type) || held?.status !== "RESERVED") return apply(model, news);
    const step = apply(model, news);
    return { ...step, model: withReservation(step.model, news.data.orderId, () => held) };
  }),
  inventory("restocks nothing that was sold", (apply) => (model, news) => {
    const wasSold = model.reservations.get(news.data.orderId)?.status === "SOLD";
    const step = apply(model, news);
    return wasSold && ends.has(news.type) ? { ...step, model: { ...step.model, items: model.items } } : step;
  }),
];
