import type { RequestInput, RequestReply, ShopEvent } from "@shop/events";
import { isEnded, type Message, type Order, type OrderDecision } from "@shop/order/domain";
import type { Call, Payment } from "@shop/payment/domain";
import type { Bank } from "./bank.ts";

type Watched = { orders: Map<string, Order>; payments: Map<string, Payment>; bank: Bank };
type Decided = {
  before: Order | undefined;
  message: Message;
  decision: OrderDecision;
  nowMs: number;
  expirySeconds: number;
};

const way: Order["status"][] = ["CREATED", "AWAITING_PAYMENT", "PAID", "CONFIRMED", "SHIPPED", "DELIVERED"];
const endsAfter: Partial<Record<Order["status"], Order["status"][]>> = {
  REJECTED: ["CREATED"],
  EXPIRED: ["CREATED", "AWAITING_PAYMENT"],
  CANCELLED: ["CREATED", "AWAITING_PAYMENT", "PAID", "CONFIRMED"],
};
const ends = ["OrderRejected", "OrderExpired", "OrderCancelled", "OrderConfirmationFailed"] as const;
const publishedAs: Partial<Record<Payment["status"], ShopEvent["type"]>> = {
  REQUIRES_ACTION: "PaymentActionRequired",
  FAILED: "PaymentFailed",
  AUTHORIZED: "PaymentProcessed",
  CAPTURED: "PaymentCaptured",
  CAPTURE_FAILED: "PaymentCaptureFailed",
  VOIDED: "PaymentRefunded",
  REFUNDED: "PaymentRefunded",
};
const parcelWay = ["SCHEDULED", "SHIPPED", "IN_TRANSIT", "OUT_FOR_DELIVERY", "DELIVERED"];

/** Checks each decision, event and call for what a shop at rest no longer shows. */
export function openMonitor({ orders, payments, bank }: Watched) {
  const found = new Set<string>();
  const types = new Map<string, Set<ShopEvent["type"]>>();
  /** The attempts that have won their order by a request. */
  const wins = new Map<string, number>();
  /** Orders of which the attempt that won was lost before its capture. */
  const lostWins = new Set<string>();
  const parcels = new Map<string, string>();
  const stockVersions = new Map<string, number>();
  const hasPublished = (orderId: string, type: ShopEvent["type"]) => types.get(orderId)?.has(type) ?? false;
  const holds = (claim: boolean, otherwise: string) => void (claim || found.add(otherwise));

  /** I3: the amounts of events are those of the order, and of the bank. */
  function amounts(event: ShopEvent) {
    const id = event.sagaId ?? "";
    const intents = bank.intents.values().filter(({ orderId }) => orderId === id);
    const total = orders.get(id)?.totals.total.amount;
    switch (event.type) {
      case "OrderInitiated":
        holds(event.data.totals.total.amount === total, `I3 ${id} is initiated for another amount`);
        break;
      case "PaymentRequested":
        holds(event.data.total.amount === total, `I3 a payment of another amount is requested for ${id}`);
        break;
      case "PaymentProcessed":
        holds(event.data.amount.amount === total, `I3 ${id} is authorised for another amount`);
        break;
      case "PaymentCaptured": {
        const taken = intents.filter(({ status }) => status === "succeeded").map(({ amount }) => amount);
        holds(event.data.amount.amount === total, `I3 ${id} is captured for another amount`);
        holds([...taken].includes(event.data.amount.amount), `I3 the bank has captured nothing for ${id}`);
        break;
      }
      case "PaymentRefunded": {
        const all = [...intents];
        const returned = all.reduce((sum, { refunded }) => sum + refunded, 0);
        const expected = event.data.kind === "REFUNDED" ? returned : total;
        holds(event.data.amount.amount === expected, `I3 ${id} publishes another refund than the bank's`);
        holds((event.data.kind === "REFUNDED") === returned > 0, `I3 ${id} publishes ${event.data.kind}`);
        holds(!all.some(holdsMoney), `I3 ${id} publishes a refund, and the bank still has money`);
        break;
      }
      default:
    }
  }

  /** I5 and I9: what is confirmed was captured, and all of it is reserved. */
  function goods(event: ShopEvent) {
    const id = event.sagaId ?? "";
    if (event.type !== "OrderConfirmed" && event.type !== "InventoryReserved") return;
    const lines = orders.get(id)?.lines ?? [];
    const units = (lineId: string) =>
      event.data.allocations.reduce((sum, part) => sum + (part.lineId === lineId ? part.quantity : 0), 0);
    const isWhole = lines.every((line) => units(line.lineId) === line.quantity);
    holds(isWhole, `I5 ${event.type} of ${id} is not for its lines`);
    if (event.type === "OrderConfirmed") {
      holds(hasPublished(id, "PaymentCaptured"), `I9 ${id} is confirmed, and its money was not taken`);
    }
  }

  /** I9: a parcel never goes back, nor on once it was called off. */
  function parcelsMove(event: ShopEvent) {
    if (event.type !== "ShipmentScheduled" && event.type !== "ShipmentUpdated") return;
    for (const { shipmentId, status } of event.data.shipments) {
      const was = parcels.get(shipmentId) ?? status;
      const isForward =
        was === status ||
        (status === "CANCELLED" && was === "SCHEDULED") ||
        (was !== "CANCELLED" && parcelWay.indexOf(status) > parcelWay.indexOf(was));
      holds(isForward, `I9 ${shipmentId} goes from ${was} to ${status}`);
      parcels.set(shipmentId, status);
    }
  }

  /** I16: the events of a SKU can be put in order by their versions. */
  function stockMoves(event: ShopEvent) {
    if (event.type !== "StockChanged") return;
    const { sku, version } = event.data;
    holds(version > (stockVersions.get(sku) ?? 0), `I16 two states of ${sku} have version ${version}`);
    stockVersions.set(sku, version);
  }

  return {
    found,
    hasPublished,
    wins,
    lostWins,

    event(event: ShopEvent) {
      amounts(event);
      goods(event);
      parcelsMove(event);
      stockMoves(event);
      const id = event.sagaId ?? event.aggregate.id;
      const isOutcome = event.type === "PaymentFailed" || event.type === "PaymentActionRequired";
      if (isOutcome && event.data.attempt >= (wins.get(id) ?? Infinity)) lostWins.add(id);
      types.set(id, (types.get(id) ?? new Set()).add(event.type));
    },

    /** Before a call to the bank: an authorisation follows the reservation, a capture the payment, a refund the end. */
    call(call: Call) {
      const { orderId } = call;
      if (call.op === "authorize") {
        holds(hasPublished(orderId, "InventoryReserved"), `I3 ${orderId} is authorised without stock`);
        const isTotal = call.total.amount === orders.get(orderId)?.totals.total.amount;
        holds(isTotal, `I3 another amount is authorised for ${orderId}`);
      } else if (call.op === "capture") {
        const hasWon = hasPublished(orderId, "OrderPaid") || wins.has(orderId);
        holds(hasWon, `I3 ${orderId} is captured before it has won`);
      } else {
        const isStray = payments.get(orderId)?.intentId !== call.intentId;
        const hasEnded = ends.some((type) => hasPublished(orderId, type));
        holds(isStray || hasEnded, `I3 ${orderId} has not ended, and its money is given back`);
      }
    },

    /** I2 and I3: an attempt wins an order that has not ended, alone, for its whole total; asked again, order says the same. */
    win({ orderId, attempt, amount }: RequestInput<"order.win">, { outcome }: RequestReply<"order.win">) {
      const order = orders.get(orderId);
      const isWinner = wins.get(orderId) === attempt;
      const isOver = !order || isEnded(order);
      holds(amount.amount === order?.totals.total.amount, `I3 ${orderId} is to be won for another amount`);
      holds(outcome !== "won" || !isOver, `I2 ${orderId} is ${order?.status}, and order says that it is won`);
      holds(outcome !== "won" || isWinner, `I3 order says that attempt ${attempt} has won ${orderId}`);
      holds(outcome === "won" || isOver || !isWinner, `I2 ${orderId} is won, and order says ${outcome}`);
    },

    /** I3: the fast path captures what order has said to be won, and nothing else. */
    captureWon(orderId: string, reply: RequestReply<"order.win"> | undefined, call: Call | undefined) {
      holds(
        !call || reply?.outcome === "won",
        `I3 ${orderId} is captured on ${reply?.outcome ?? "no reply"}`,
      );
    },

    /** After a call to the bank: one order's money is never held twice. */
    money(orderId: string) {
      const mine = bank.intents.values().filter((intent) => intent.orderId === orderId);
      holds([...mine.filter(holdsMoney)].length <= 1, `I3 the money of ${orderId} is held twice`);
    },

    /** I6: each state of a payment is published, and no given method of payment is forgotten. */
    payment(before: Payment, { orderId, status, attempt, next, ended }: Payment) {
      const news = publishedAs[status];
      const isPublished = !news || hasPublished(orderId, news);
      holds(isPublished, `I6 the payment of ${orderId} is ${status}, and no event says so`);
      const isTried = !before.next || next !== null || attempt >= before.next.attempt || ended !== null;
      const isNeeded = status === "FAILED" || status === "REQUIRES_ACTION" || status === "PENDING";
      holds(isTried || !isNeeded, `I6 attempt ${before.next?.attempt} of ${orderId} was forgotten`);
    },

    /** I2, I8 and I11: known transitions alone, and none before its time. */
    order({ before, message, decision, nowMs, expirySeconds }: Decided) {
      const isOpen = before?.status === "CREATED" || before?.status === "AWAITING_PAYMENT";
      const expiresAtMs = before && "expiresAt" in before ? +before.expiresAt : undefined;
      const id = before?.id ?? ("details" in message ? message.details.id : "");
      if (message.type === "CancelOrder" && (isOpen || before?.status === "PAID")) {
        holds(decision.outcome === "changed", `I2 ${id} is ${before.status}, and can't be cancelled`);
      }
      const isUnpaid = isOpen && before.progress.money === "NONE";
      const isPayable = isUnpaid && !(expiresAtMs !== undefined && expiresAtMs <= nowMs);
      if (message.type === "PayOrder" && isPayable && before.progress.attempt < 3) {
        holds(decision.outcome === "changed", `I2 ${id} is ${before.status}, and can't be paid`);
      }
      if (message.type === "CancelOrder" && before?.progress.cancelRequest === message.request) {
        const isSame = decision.outcome === "ignored" && decision.reason === "CANCELLED_AS_ASKED";
        holds(isSame, `I2 ${id} was cancelled as asked, and says otherwise when it is asked again`);
      }
      if (decision.outcome === "ignored") return;
      if (message.type === "PaymentFailed" && before && message.data.attempt < before.progress.attempt) {
        const isKept = decision.state.progress.paymentToken === before.progress.paymentToken;
        holds(isKept, `I6 ${id} takes the decline of an old attempt for that of the new one`);
      }
      const { state, events, timeline } = decision;
      if (message.type === "WinOrder") {
        holds(!wins.has(id) && state.status === "PAID", `I2 ${id} is ${state.status}, won by a request`);
        wins.set(id, message.attempt);
      }
      const [from, to] = [before?.status ?? "CREATED", state.status];
      const isStep = endsAfter[to]?.includes(from) ?? way.indexOf(to) >= way.indexOf(from);
      holds(to === from || isStep, `I2 ${id} goes from ${from} to ${to}`);
      holds(state.version === (before?.version ?? 0) + 1, `I8 ${id} has two states of one version`);
      holds(state.counter === (before?.counter ?? 0) + timeline.length, `I8 ${id} counts its rows wrong`);
      holds(
        events.every(({ aggregate }) => aggregate.version === state.version),
        `I8 ${id} publishes another version than its own`,
      );
      if (to === "EXPIRED" && from !== to && expiresAtMs !== undefined) {
        holds(expiresAtMs <= nowMs, `I2 ${id} expires before its time`);
      }
      if (to === "AWAITING_PAYMENT" && from === "CREATED" && "expiresAt" in state) {
        const leftMs = +state.expiresAt - nowMs;
        holds(expiresAtMs === undefined || expiresAtMs > nowMs, `I2 ${id} goes on after its time`);
        holds(leftMs > 0 && leftMs <= expirySeconds * 1000, `I10 ${id} has ${leftMs} ms to be paid`);
      }
      if (message.type !== "PayOrder" || !before) return;
      holds(isPayable, `I3 ${id} is ${from}, and may be paid`);
      const asked = events.find((event) => event.type === "PaymentRequested");
      const isNew = asked !== undefined && asked.data.attempt > before.progress.attempt;
      holds(isNew, `I3 ${id} was paid again, and no new attempt was asked for`);
    },
  };
}

/** Whether the bank has money of the customer for it. */
export function holdsMoney(intent: { status: string; amount: number; refunded: number }): boolean {
  const { status, amount, refunded } = intent;
  return status === "requires_capture" || (status === "succeeded" && refunded < amount);
}
