import { type EventData, type NewEvent, parseEvent, seal, event } from "@shop/events";
import { decide } from "../src/domain/decide.ts";
import type { Command, SubscribedEvent, SubscribedType, Message } from "../src/domain/message.ts";
import type { Order } from "../src/domain/order.ts";
import type { OrderDecision, TimelineRow } from "../src/domain/transition.ts";

const usd = (amount: number) => ({ amount, currency: "USD" });

/** An order of two mugs, by default placed with a payment method. */
export function anOrder(more: { paymentToken?: string | null } = {}): Command {
  const line = { lineId: "line_1", variantId: "var_1", productId: "prd_1", sku: "MUG", title: "Mug" };
  const prices = { quantity: 2, unitPrice: usd(500), lineTotal: usd(1000), weightGrams: 300, imageUrl: null };
  const [name, line1, city, postalCode, country] = ["Ada", "1 Way", "Berlin", "10115", "DE"] as const;
  return {
    type: "PlaceOrder",
    paymentToken: more.paymentToken === undefined ? "pm_card_visa" : more.paymentToken,
    details: {
      ...{ id: "ord_1", number: "AB12CD34", customerId: null, email: "ada@shop.test", client: null },
      ...{ cartId: "cart_1", cartVersion: 1, lines: [{ ...line, ...prices }], shippingOptionId: "standard" },
      totals: { subtotal: usd(1000), discount: usd(0), shipping: usd(200), tax: usd(0), total: usd(1200) },
      address: { name, line1, city, postalCode, country },
    },
  };
}

/** An event as it arrives over the wire. */
export function received<T extends SubscribedType>(
  type: T,
  data: EventData<T>,
  version = 1,
): SubscribedEvent {
  const fresh = event(type, { aggregateId: "x_1", version, sagaId: "ord_1", data }) as NewEvent;
  const sealed = seal(fresh, new Date());
  return parseEvent(JSON.stringify(sealed)) as SubscribedEvent;
}

const ref = { orderId: "ord_1", paymentId: "pay_1" };
const shipment = { shipmentId: "shp_1", warehouseCode: "EU" };

/** Events about `ord_1`. */
export const events = {
  reserved: received("InventoryReserved", {
    orderId: "ord_1",
    allocations: [{ warehouseCode: "EU", warehouseCountry: "DE", lineId: "line_1", sku: "MUG", quantity: 2 }],
  }),
  refused: received("InventoryReservationFailed", {
    orderId: "ord_1",
    shortages: [{ lineId: "line_1", sku: "MUG", requested: 2, available: 1 }],
  }),
  released: received("InventoryReleased", { orderId: "ord_1", wasSold: false }),
  actionRequired: received("PaymentActionRequired", { ...ref, attempt: 1 }),
  processed: (attempt = 1) => received("PaymentProcessed", { ...ref, attempt, amount: usd(1200) }),
  declined: (attempt = 1) => received("PaymentFailed", { ...ref, attempt, reason: "card declined" }),
  captured: received("PaymentCaptured", { ...ref, amount: usd(1200) }),
  captureFailed: received("PaymentCaptureFailed", { ...ref, reason: "expired_authorization" }),
  refunded: (kind: "VOIDED" | "REFUNDED") => received("PaymentRefunded", { ...ref, amount: usd(1200), kind }),
  refundedAtProvider: (isFull: boolean, version = 9) =>
    received("PaymentRefundedAtProvider", { ...ref, amount: usd(isFull ? 1200 : 200), isFull }, version),
  disputed: (version = 9) =>
    received("PaymentDisputed", { ...ref, amount: usd(1200), reason: "fraudulent" }, version),
  disputeClosed: (outcome: "WON" | "LOST", version = 10) =>
    received("PaymentDisputeClosed", { ...ref, amount: usd(1200), outcome }, version),
  recalled: received("ShipmentCalledOff", {
    ...{ orderId: "ord_1", by: "SYSTEM", reason: "The payment was refunded.", request: "refunded ord_1" },
  }),
  scheduled: received("ShipmentScheduled", {
    orderId: "ord_1",
    shipments: [{ ...shipment, status: "SCHEDULED" }],
  }),
  scheduledAgain: (status: "SHIPPED" | "DELIVERED", version: number) =>
    received("ShipmentScheduled", { orderId: "ord_1", shipments: [{ ...shipment, status }] }, version),
  calledOff: received("ShipmentCalledOff", {
    ...{ orderId: "ord_1", by: "CUSTOMER", reason: "too late", request: "key-1" },
  }),
  shipmentFailed: received("ShipmentFailed", { orderId: "ord_1", reason: "no carrier" }),
  updated: (status: "SHIPPED" | "IN_TRANSIT" | "DELIVERED" | "CANCELLED", version: number) =>
    received(
      "ShipmentUpdated",
      { orderId: "ord_1", shipmentId: "shp_1", status, shipments: [{ ...shipment, status }] },
      version,
    ),
};

export type Story = {
  order: Order;
  timeline: TimelineRow[];
  published: string[];
  last: OrderDecision;
};

/** Plays messages to one order; a number lets that many seconds pass. */
export function story(...steps: (Message | number)[]): Story {
  let now = Date.UTC(2026, 0, 1);
  let order: Order | undefined;
  let last: OrderDecision | undefined;
  const timeline: TimelineRow[] = [];
  const published: string[] = [];
  for (const step of steps) {
    if (typeof step === "number") {
      now += step * 1000;
      continue;
    }
    last = decide(order, step, { now: new Date(now), expirySeconds: 900 });
    if (last.outcome === "ignored") continue;
    order = last.state;
    timeline.push(...last.timeline);
    published.push(...last.events.map(({ type }) => type));
  }
  if (!order || !last) throw new Error("the story has no order");
  return { order, timeline, published, last };
}
