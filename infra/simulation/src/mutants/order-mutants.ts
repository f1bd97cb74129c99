import { event, ignored } from "@shop/events";
import { asIf, misstated, order, unpublished, type Mutant } from "./mutant.ts";

const published = [
  "OrderInitiated",
  "OrderRejected",
  "OrderCancelled",
  "OrderExpired",
  "OrderPaid",
  "OrderConfirmed",
  "OrderConfirmationFailed",
  "PaymentRequested",
] as const;
const subscribed = [
  "InventoryReserved",
  "InventoryReservationFailed",
  "InventoryReleased",
  "PaymentActionRequired",
  "PaymentProcessed",
  "PaymentFailed",
  "PaymentCaptured",
  "PaymentCaptureFailed",
  "PaymentRefunded",
  "ShipmentScheduled",
  "ShipmentFailed",
  "ShipmentUpdated",
  "ShipmentCalledOff",
] as const;

/** Mistakes in order's decisions. */
export const orderMutants: Mutant[] = [
  ...published.map((type) => unpublished("order", type)),
  ...subscribed.map((type) =>
    order(
      `never handles ${type}`,
      (decide) => (before, message, at) =>
        message.type === type ? ignored("FORGOTTEN") : decide(before, message, at),
    ),
  ),
  misstated("order", "OrderInitiated", "for a cent less", (data) => {
    const total = { ...data.totals.total, amount: data.totals.total.amount - 1 };
    return { ...data, totals: { ...data.totals, total } };
  }),
  misstated("order", "OrderInitiated", "without its method of payment", (data) => ({
    ...data,
    paymentToken: null,
  })),
  misstated("order", "PaymentRequested", "for a cent more", (data) => ({
    ...data,
    total: { ...data.total, amount: data.total.amount + 1 },
  })),
  misstated("order", "PaymentRequested", "under the attempt before", (data) => ({
    ...data,
    attempt: Math.max(1, data.attempt - 1),
  })),
  misstated("order", "OrderConfirmed", "without its last allocation", (data) => ({
    ...data,
    allocations: data.allocations.length > 1 ? data.allocations.slice(0, -1) : data.allocations,
  })),
  misstated("order", "OrderConfirmed", "for one unit more", (data) => ({
    ...data,
    allocations: data.allocations.map((part) => ({ ...part, quantity: part.quantity + 1 })),
  })),
  order("is confirmed before its money is taken", (decide) => (before, message, at) => {
    const decision = decide(before, message, at);
    if (decision.outcome === "ignored" || decision.state.status !== "PAID" || before?.status === "PAID")
      return decision;
    const { state } = decision;
    const { id, customerId, cartId, lines, address, shippingOptionId, version, progress } = state;
    if (progress.stock.status !== "RESERVED") return decision;
    const { allocations } = progress.stock;
    const data = { orderId: id, customerId, cartId, lines, allocations, address, shippingOptionId };
    const confirmed = event("OrderConfirmed", { aggregateId: id, version, sagaId: id, data });
    return { ...decision, events: [...decision.events, confirmed] };
  }),
  order("is paid as soon as its stock is reserved", (decide) => (before, message, at) => {
    if (message.type !== "InventoryReserved" || !before) return decide(before, message, at);
    const progress = { ...before.progress, money: "AUTHORISED" as const, paymentId: "pay_x" };
    return decide({ ...before, progress }, message, at);
  }),
  order("expires before its time", (decide) => (before, message, at) => {
    const isExpiring = message.type === "ExpireOrder";
    return decide(before, message, isExpiring ? { ...at, now: new Date(+at.now + 600_000) } : at);
  }),
  order(
    "never expires",
    (decide) => (before, message, at) =>
      message.type === "ExpireOrder" ? ignored("NEVER") : decide(before, message, at),
  ),
  order(
    "waits for its stock without an end",
    (decide) => (before, message, at) =>
      message.type === "ExpireOrder" && before?.status === "CREATED"
        ? ignored("NEVER")
        : decide(before, message, at),
  ),
  order("takes stock that answers after its time", (decide) => (before, message, at) => {
    const isLate = message.type === "InventoryReserved" && before?.status === "CREATED";
    return decide(isLate ? asIf(before, { expiresAt: new Date(8.64e15) }) : before, message, at);
  }),
  order(
    "has a week to be paid",
    (decide) => (before, message, at) => decide(before, message, { ...at, expirySeconds: 7 * 86_400 }),
  ),
  order("expires after it was paid", (decide) => (before, message, at) => {
    const isLate = message.type === "ExpireOrder" && before?.status === "PAID";
    return decide(
      isLate ? asIf(before, { status: "AWAITING_PAYMENT", expiresAt: at.now }) : before,
      message,
      at,
    );
  }),
  order("is paid after it has expired", (decide) => (before, message, at) => {
    const isLate = message.type === "PaymentProcessed" && before?.status === "EXPIRED";
    return decide(
      isLate ? asIf(before, { status: "AWAITING_PAYMENT", expiresAt: at.now }) : before,
      message,
      at,
    );
  }),
  order("is cancelled after a parcel has left", (decide) => (before, message, at) => {
    const isLate = message.type === "CancelOrder" && before?.status === "SHIPPED";
    if (!isLate) return decide(before, message, at);
    return decide(asIf(before, { status: "CONFIRMED" }), { ...message, isCalledOff: true }, at);
  }),
  order(
    "is cancelled without asking shipping",
    (decide) => (before, message, at) =>
      decide(before, message.type === "CancelOrder" ? { ...message, isCalledOff: true } : message, at),
  ),
  order(
    "can't be cancelled while it waits to be paid",
    (decide) => (before, message, at) =>
      message.type === "CancelOrder" && before?.status === "AWAITING_PAYMENT"
        ? ignored("TOO_LATE")
        : decide(before, message, at),
  ),
  order(
    "may be paid after its time",
    (decide) => (before, message, at) =>
      decide(before, message, message.type === "PayOrder" ? { ...at, now: new Date(0) } : at),
  ),
  order("may be paid while money is held", (decide) => (before, message, at) => {
    if (message.type !== "PayOrder" || !before) return decide(before, message, at);
    return decide({ ...before, progress: { ...before.progress, money: "NONE" } }, message, at);
  }),
  order(
    "can't be paid after a declined card",
    (decide) => (before, message, at) =>
      message.type === "PayOrder" && before?.statusReason
        ? ignored("ORDER_NOT_PAYABLE")
        : decide(before, message, at),
  ),
  order("is bought although its stock is refused", (decide) => (before, message, at) => {
    if (message.type !== "InventoryReservationFailed") return decide(before, message, at);
    const allocations = before?.lines.map(({ lineId, sku, quantity }) => {
      return { lineId, sku, quantity, warehouseCode: "EU", warehouseCountry: "DE" };
    });
    const data = { orderId: message.data.orderId, allocations: allocations ?? [] };
    return decide(before, { ...message, type: "InventoryReserved", data }, at);
  }),
  order("arrives with its first parcel", (decide) => (before, message, at) => {
    const decision = decide(before, message, at);
    if (decision.outcome === "ignored" || decision.state.status !== "SHIPPED") return decision;
    const hasOne = decision.state.progress.shipments.some(({ status }) => status === "DELIVERED");
    if (!hasOne) return decision;
    const state = { ...decision.state, status: "DELIVERED" as const };
    return {
      ...decision,
      state,
      timeline: decision.timeline.map((row) => ({ ...row, status: state.status })),
    };
  }),
  order("shows nothing of a payment", (decide) => (before, message, at) => {
    const decision = decide(before, message, at);
    if (decision.outcome === "ignored" || message.type !== "PaymentProcessed") return decision;
    return { ...decision, timeline: [], state: { ...decision.state, counter: before?.counter ?? 0 } };
  }),
  order("counts two rows as one", (decide) => (before, message, at) => {
    const decision = decide(before, message, at);
    if (decision.outcome === "ignored") return decision;
    return { ...decision, timeline: decision.timeline.map((row) => ({ ...row, counter: row.counter - 1 })) };
  }),
  order("forgets what has caused a row", (decide) => (before, message, at) => {
    const decision = decide(before, message, at);
    if (decision.outcome === "ignored") return decision;
    return { ...decision, timeline: decision.timeline.map((row) => ({ ...row, causationId: null })) };
  }),
  order(
    "takes an event that comes twice for two",
    (decide) => (before, message, at) =>
      decide(before && { ...before, progress: { ...before.progress, processedKeys: [] } }, message, at),
  ),
  order("keeps the payment token of what has ended", (decide) => (before, message, at) => {
    const decision = decide(before, message, at);
    if (decision.outcome === "ignored" || decision.state.status !== "CANCELLED") return decision;
    const paymentToken = before?.progress.paymentToken ?? "pm_card";
    return {
      ...decision,
      state: { ...decision.state, progress: { ...decision.state.progress, paymentToken } },
    };
  }),
  order("says a new thing under an old version", (decide) => (before, message, at) => {
    const decision = decide(before, message, at);
    if (decision.outcome === "ignored" || !before) return decision;
    return { ...decision, state: { ...decision.state, version: before.version } };
  }),
];
