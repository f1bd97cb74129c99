import type { EventData, EventType } from "../events.ts";

/** An event as the catalogue shows it: the aggregate that changed, the saga if it belongs to one, and its data. */
export type Example<T extends EventType> = { aggregateId: string; sagaId?: string; data: EventData<T> };

const usd = (amount: number) => ({ amount, currency: "USD" });
const productId = "prd_06f1";
const orderId = "ord_06f3";
const paymentId = "pay_06f4";
const at = "2026-11-30T12:00:00.000Z";
const sku = "MUG-1";
const address = { name: "Ada Jones", line1: "1 Main St", city: "Reno", region: "NV", postalCode: "89501" };
const lines = [
  {
    ...{ lineId: "lin_1", variantId: "var_06f2", productId, sku, title: "Mug", imageUrl: null },
    ...{ quantity: 2, unitPrice: usd(1250), lineTotal: usd(2500), weightGrams: 380 },
  },
];
const allocations = [{ warehouseCode: "US-RNO", warehouseCountry: "US", lineId: "lin_1", sku, quantity: 2 }];
const totals = {
  ...{ subtotal: usd(2500), discount: usd(0), shipping: usd(495), tax: usd(207), total: usd(3202) },
};
const product: EventData<"ProductPublished">["product"] = {
  ...{ productId, version: 4, status: "PUBLISHED", slug: "mug", title: "Mug", description: "Holds 0.3 l." },
  brand: "Halcyon",
  categoryPath: [{ id: "cat_06f0", slug: "kitchen", name: "Kitchen" }],
  attributes: [{ name: "material", value: "stoneware" }],
  imageUrls: [],
  variants: [
    {
      ...{ variantId: "var_06f2", sku, title: "Blue", attributes: [{ name: "colour", value: "blue" }] },
      ...{ imageUrl: null, prices: [usd(1250)], compareAtPrice: null, weightGrams: 380 },
    },
  ],
  createdAt: at,
  updatedAt: at,
};
const shipments = [{ shipmentId: "shp_06f5", warehouseCode: "US-RNO", status: "SHIPPED" as const }];

const ofProduct = <T extends EventType>(data: EventData<T>): Example<T> => ({ aggregateId: productId, data });
const ofOrder = <T extends EventType>(data: EventData<T>): Example<T> => ({
  ...{ aggregateId: orderId, sagaId: orderId, data },
});
const ofPayment = <T extends EventType>(data: EventData<T>): Example<T> => ({
  ...{ aggregateId: paymentId, sagaId: orderId, data },
});

/** One example of each event; the catalogue's test seals all of them, so each passes its validator. */
export const examples: { [T in EventType]: Example<T> } = {
  UserRegistered: {
    aggregateId: "usr_06ee",
    data: { userId: "usr_06ee", email: "ada@example.com", name: "Ada Jones" },
  },
  UserTierChanged: { aggregateId: "usr_06ee", data: { userId: "usr_06ee", tier: "VIP" } },
  ProductPublished: ofProduct({ product }),
  ProductChanged: ofProduct({ product }),
  ProductArchived: ofProduct({ product: { ...product, status: "ARCHIVED" } }),
  PriceChanged: ofProduct({ product, sku, was: usd(1490), now: usd(1250) }),
  ProductsSearched: {
    aggregateId: "search_06f6",
    data: {
      searches: [{ query: "wireles mug", totalCount: 3, didYouMean: "wireless mug", customerId: null, at }],
    },
  },
  ProductsViewed: {
    aggregateId: "search_06f6",
    data: { views: [{ productId, query: "mug", customerId: "usr_06ee", at }] },
  },
  StockChanged: {
    aggregateId: sku,
    data: { sku, variantId: "var_06f2", productId, available: 17, version: 9 },
  },
  FlashSaleChanged: {
    aggregateId: "sale_06f7",
    data: {
      ...{
        saleId: "sale_06f7",
        sku,
        variantId: "var_06f2",
        productId,
        price: usd(500),
        outsideSale: "ORDINARY",
      },
      ...{ startsAt: at, endsAt: "2026-11-30T13:00:00.000Z" },
    },
  },
  InventoryReserved: ofOrder({ orderId, allocations, mayBeHeld: true }),
  InventoryReservationFailed: ofOrder({
    orderId,
    shortages: [{ lineId: "lin_1", sku, requested: 2, available: 1 }],
  }),
  InventoryReleased: ofOrder({ orderId, wasSold: false }),
  OrderInitiated: ofOrder({
    ...{ orderId, lines, totals, address: { country: "US" }, paymentToken: "sealed.9f2c", isUnpaid: false },
  }),
  StockYielded: ofOrder({ orderId, turn: 1 }),
  StockRequested: ofOrder({ orderId, turn: 2, lines, address: { country: "US" } }),
  PaymentRequested: ofOrder({ orderId, attempt: 2, paymentToken: "sealed.9f2c", total: totals.total }),
  OrderPaid: ofOrder({ orderId, paymentId }),
  OrderConfirmed: ofOrder({
    ...{ orderId, customerId: "usr_06ee", cartRef: "kX0bT3QWcY1u7nV5jP2zR8sLfD4gHa6M", lines, allocations },
    ...{ address: { ...address, country: "US" }, shippingOptionId: "standard" },
  }),
  ShipmentAwaited: ofOrder({ orderId, isHeld: false }),
  OrderHoldChanged: ofOrder({ orderId, isHeld: true }),
  OrderRecalled: ofOrder({ orderId, reason: "REFUNDED", request: "refund:re_1" }),
  OrderConfirmationFailed: ofOrder({ orderId, reason: "CAPTURE_REFUSED" }),
  OrderRejected: ofOrder({ orderId, reason: "OUT_OF_STOCK" }),
  OrderCancelled: ofOrder({ orderId, reason: "ordered twice", by: "CUSTOMER" }),
  OrderExpired: ofOrder({ orderId }),
  PaymentProcessed: ofPayment({ orderId, paymentId, attempt: 1, amount: totals.total }),
  PaymentFailed: ofPayment({ orderId, paymentId, attempt: 1, reason: "card_declined" }),
  PaymentActionRequired: ofPayment({ orderId, paymentId, attempt: 1 }),
  PaymentCaptured: ofPayment({ orderId, paymentId, amount: totals.total }),
  PaymentCaptureFailed: ofPayment({ orderId, paymentId, reason: "expired_card" }),
  PaymentRefundedAtProvider: ofPayment({ orderId, paymentId, amount: usd(1000), isFull: false }),
  PaymentDisputed: ofPayment({ orderId, paymentId, amount: totals.total, reason: "product_not_received" }),
  PaymentDisputeClosed: ofPayment({ orderId, paymentId, amount: totals.total, outcome: "WON" }),
  PaymentRefunded: ofPayment({ orderId, paymentId, amount: totals.total, kind: "REFUNDED" }),
  ShipmentScheduled: ofOrder({ orderId, shipments: shipments.map((it) => ({ ...it, status: "SCHEDULED" })) }),
  ShipmentFailed: ofOrder({ orderId, reason: "ADDRESS_REFUSED" }),
  ShipmentCalledOff: ofOrder({ orderId, by: "CUSTOMER", reason: "ordered twice", request: "cancel:7c1" }),
  ShipmentUpdated: ofOrder({ orderId, shipmentId: "shp_06f5", status: "SHIPPED", shipments }),
};
