import { type EventData, type NewEvent, parseEvent, seal, event } from "@shop/events";
import { decide } from "../src/domain/decide.ts";
import type { Command, SubscribedEvent, SubscribedType, Message } from "../src/domain/message.ts";
import type { Order } from "../src/domain/order.ts";
import type { OrderDecision, TimelineRow } from "../src/domain/transition.ts";

const usd = (amount: number) => ({ amount, currency: "USD" });

/** Tests only: an order of two mugs, placed with a payment method unless told otherwise. */
export function anOrder(more: { paymentToken?: string | null } = {}): Command {
  const line = { lineId: "line_1", variantId: "var_1", productId: "prd_1", sku: "MUG", title: "Mug" };
  const prices = { quantity: 2, unitPrice: usd(500), lineTotal: usd(1000), weightGrams: 300, imageUrl: null };
  const [name, line1, city, postalCode, country] = ["Ada", "1 Way", "Berlin", "10115", "DE"] as const;
  return {
    type: "PlaceOrder",
    paymentToken: more.paymentToken === undefined ? "pm_card_visa" : more.paymentToken,
    bought: {
      ...{ id: "ord_1", number: "AB12CD34", customerId: null, email: "ada@shop.test" },
      ...{ cartId: "cart_1", cartVersion: 1, lines: [{ ...line, ...prices }], shippingOptionId: "standard" },
      totals: { subtotal: usd(1000), discount: usd(0), shipping: usd(200), tax: usd(0), total: usd(1200) },
      address: { name, line1, city, postalCode, country },
    },
  };
}

/** Tests only: an event as it comes over the wire. */
export function told<T extends SubscribedType>(type: T, data: EventData<T>, version = 1): SubscribedEvent {
  const fresh = event(type, { aggregateId: "x_1", version, sagaId: "ord_1", data }) as NewEvent;
  const sealed = seal(fresh, new Date());
  return parseEvent(JSON.stringify(sealed)) as SubscribedEvent;
}

const ref = { orderId: "ord_1", paymentId: "pay_1" };
const shipment = { shipmentId: "shp_1", warehouseCode: "EU" };

/** Tests only: what the neighbours of `ord_1` say. */
export const neighbour = {
  reserved: told("InventoryReserved", {
    orderId: "ord_1",
    allocations: [{ warehouseCode: "EU", warehouseCountry: "DE", lineId: "line_1", sku: "MUG", quantity: 2 }],
  }),
  refused: told("InventoryReservationFailed", {
    orderId: "ord_1",
    shortages: [{ lineId: "line_1", sku: "MUG", requested: 2, available: 1 }],
  }),
  released: told("InventoryReleased", { orderId: "ord_1", wasSold: false }),
  actionRequired: told("PaymentActionRequired", { ...ref, attempt: 1 }),
  processed: (attempt = 1) => told("PaymentProcessed", { ...ref, attempt, amount: usd(1200) }),
  declined: (attempt = 1) => told("PaymentFailed", { ...ref, attempt, reason: "card declined" }),
  captured: told("PaymentCaptured", { ...ref, amount: usd(1200) }),
  captureFailed: told("PaymentCaptureFailed", { ...ref, reason: "expired_authorization" }),
  refunded: (kind: "VOIDED" | "REFUNDED") => told("PaymentRefunded", { ...ref, amount: usd(1200), kind }),
  refundedAtProvider: (isFull: boolean, version = 9) =>
    told("PaymentRefundedAtProvider", { ...ref, amount: usd(isFull ? 1200 : 200), isFull }, version),
  disputed: (version = 9) =>
    told("PaymentDisputed", { ...ref, amount: usd(1200), reason: "fraudulent" }, version),
  disputeClosed: (outcome: "WON" | "LOST", version = 10) =>
    told("PaymentDisputeClosed", { ...ref, amount: usd(1200), outcome }, version),
  recalled: told("ShipmentCalledOff", {
    ...{ orderId: "ord_1", by: "SYSTEM", reason: "The payment was refunded.", request: "refunded ord_1" },
  }),
  scheduled: told("ShipmentScheduled", {
    orderId: "ord_1",
    shipments: [{ ...shipment, status: "SCHEDULED" }],
  }),
  scheduledAgain: (status: "SHIPPED" | "DELIVERED", version: number) =>
    told("ShipmentScheduled", { orderId: "ord_1", shipments: [{ ...shipment, status }] }, version),
  calledOff: told("ShipmentCalledOff", {
    ...{ orderId: "ord_1", by: "CUSTOMER", reason: "too late", request: "key-1" },
  }),
  shipmentFailed: told("ShipmentFailed", { orderId: "ord_1", reason: "no carrier" }),
  updated: (status: "SHIPPED" | "IN_TRANSIT" | "DELIVERED" | "CANCELLED", version: number) =>
    told(
      "ShipmentUpdated",
      { orderId: "ord_1", shipmentId: "shp_1", status, shipments: [{ ...shipment, status }] },
      version,
    ),
};

export type Story = {
  order: Order;
  timeline: TimelineRow[];
  said: string[];
  last: OrderDecision;
};

/** Tests only: what becomes of an order when all this happens; a number lets that many seconds go by. */
export function story(...happens: (Message | number)[]): Story {
  let now = Date.UTC(2026, 0, 1);
  let order: Order | undefined;
  let last: OrderDecision | undefined;
  const timeline: TimelineRow[] = [];
  const said: string[] = [];
  for (const happening of happens) {
    if (typeof happening === "number") {
      now += happening * 1000;
      continue;
    }
    last = decide(order, happening, { now: new Date(now), expirySeconds: 900 });
    if (last.outcome === "ignored") continue;
    order = last.state;
    timeline.push(...last.timeline);
    said.push(...last.events.map(({ type }) => type));
  }
  if (!order || !last) throw new Error("the story has no order");
  return { order, timeline, said, last };
}
