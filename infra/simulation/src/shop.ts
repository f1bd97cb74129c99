import type { Decision, EventData, NewEvent, NewTask, ShopEvent } from "@shop/events";
import * as inventory from "@shop/inventory/domain";
import * as order from "@shop/order/domain";
import * as payment from "@shop/payment/domain";
import { type Bank, openBank } from "./bank.ts";
import type { Chance } from "./chance.ts";
import { type Shipping, openShipping } from "./shipping.ts";

/** A wish to cancel an order, before or after shipping has stopped its parcels. */
type Cancelling = { cancels: string; isCalledOff: boolean };

/** Something on its way: an event to one service, a task to the service that asked for it, a look at the bank. */
export type Mail =
  | { to: "order" | "payment" | "inventory" | "shipping"; event: ShopEvent }
  | { to: "payment" | "shipping"; task: NewTask }
  | { to: "payment"; look: string; orderId: string; asOf: number }
  | ({ to: "order" } & Cancelling);

/** All services' decisions and their states, with no store and no clock but this one. */
export type Shop = ReturnType<typeof openShop>;

const warehouses = [
  { code: "EU", country: "DE" },
  { code: "US", country: "US" },
];
const expirySeconds = 900;

export function openShop(chance: Chance) {
  const orders = new Map<string, order.Order>();
  const timelines = new Map<string, order.TimelineRow[]>();
  const payments = new Map<string, payment.Payment>();
  const bank: Bank = openBank(chance);
  const shipping: Shipping = openShipping(chance);
  const mail: Mail[] = [];
  const said: ShopEvent[] = [];
  const trace: string[] = [];
  const triesOf = new Map<string, number>();
  let stock = stocked(chance);
  let nowMs = Date.UTC(2026, 0, 1);

  /** Everyone hears everything of the order's saga; who isn't concerned ignores it. */
  function publish(events: readonly NewEvent[], producer: ShopEvent["producer"]) {
    for (const fresh of events) {
      const id = `event-${said.length + 1}`;
      const occurredAt = new Date(nowMs).toISOString();
      const event = { ...fresh, id, producer, occurredAt, schemaVersion: 1 } as ShopEvent;
      said.push(event);
      trace.push(`  ${producer} says ${event.type} ${event.sagaId ?? event.aggregate.id} (${id})`);
      for (const to of ["order", "payment", "inventory", "shipping"] as const) {
        if (to !== producer && isFor(to, event)) mail.push({ to, event });
      }
    }
  }

  /** A message to an order: from the others, the customer, or its clock. */
  function tellOrder(id: string, message: order.Message): order.OrderDecision {
    const before = orders.get(id);
    const decision = order.decide(before, message, { now: new Date(nowMs), expirySeconds });
    if (decision.outcome === "ignored") return decision;
    orders.set(id, decision.state);
    timelines.set(id, [...(timelines.get(id) ?? []), ...decision.timeline]);
    trace.push(`  ${id} ${before?.status ?? "-"} -> ${decision.state.status}`);
    publish(decision.events, "order");
    return decision;
  }

  /** As orderCancel does: what is confirmed is stopped by shipping first. Order may die before it hears the answer. */
  function cancel({ cancels: orderId, isCalledOff }: Cancelling) {
    const wish = { by: "CUSTOMER", reason: null, request: `cancel ${orderId}` } as const;
    const decision = tellOrder(orderId, { type: "CancelOrder", ...wish, isCalledOff });
    if (decision.outcome === "changed" || decision.reason !== "SHIPPING_MUST_BE_ASKED") return;
    const at = new Date(nowMs).toISOString();
    const { hasLeft, says } = shipping.callOff({ type: "CallOff", orderId, ...wish, at });
    send(says);
    trace.push(`  shipping answers that ${orderId} ${hasLeft ? "has left" : "is called off"}`);
    if (hasLeft) return;
    if (!chance.is(0.3)) return void mail.push({ to: "order", cancels: orderId, isCalledOff: true });
    trace.push("  order dies");
    if (chance.is(0.3)) mail.push({ to: "order", cancels: orderId, isCalledOff: false });
  }

  function tellPayment(orderId: string, decide: (state: payment.Payment) => Decision<payment.Payment>) {
    const decision = decide(payments.get(orderId) ?? payment.newPayment(orderId));
    if (decision.outcome === "ignored") return;
    payments.set(orderId, decision.state);
    trace.push(`  payment of ${orderId} is ${decision.state.status}`);
    publish(decision.events, "payment");
    for (const task of decision.tasks) mail.push({ to: "payment", task });
  }

  function hear(to: Extract<Mail, { event: ShopEvent }>["to"], event: ShopEvent) {
    switch (to) {
      case "order":
        return void tellOrder(event.sagaId ?? "", event as order.HeardEvent);
      case "payment":
        return tellPayment(event.sagaId ?? "", (state) => payment.hear(state, event as payment.Heard));
      case "inventory": {
        const step = inventory.apply(stock, event as inventory.OrderNews);
        stock = step.model;
        if (step.outcome === "parked") throw new Error(`inventory parks ${event.type}: ${step.reason}`);
        return publish(step.events, "inventory");
      }
      case "shipping":
        return send(shipping.hear(event));
    }
  }

  function send({ events, tasks }: { events: NewEvent[]; tasks: NewTask[] }) {
    publish(events, "shipping");
    for (const task of tasks) mail.push({ to: "shipping", task });
  }

  /** Calls the provider; the answer may get lost, and the call is made again. */
  function runPaymentTask(it: Extract<Mail, { task: NewTask }>) {
    const { kind, payload } = it.task;
    const task = payload as payment.TaskPayload;
    const { orderId } = task;
    const state = payments.get(orderId) ?? payment.newPayment(orderId);
    // Tries are counted with the task's row, also for one that runs twice at once.
    const tries = (triesOf.get(it.task.id ?? "") ?? 0) + 1;
    triesOf.set(it.task.id ?? "", tries);
    const wanted = payment.callFor(kind as "authorize" | "capture" | "undo", task, state, tries === 1);
    if (!wanted) return;
    const isLost = chance.is(0.2);
    const isNeverMade = isLost && chance.is(0.5);
    if ("call" in wanted && isNeverMade) return void mail.push(it);
    const answer = "report" in wanted ? wanted.report : bank.perform(wanted.call);
    if (isLost) return void mail.push(it);
    trace.push(`  the bank reports ${answer.kind}`);
    tellPayment(orderId, (now) => payment.report(now, answer));
  }

  return {
    orders,
    timelines,
    payments,
    bank,
    shipping,
    mail,
    said,
    trace,
    stock: () => stock,
    now: () => nowMs,
    tellOrder,
    cancel,
    passTime(seconds: number) {
      nowMs += seconds * 1000;
    },

    /** Delivers one thing that is on its way. */
    deliver(it: Mail) {
      if ("event" in it) {
        trace.push(`${it.to} hears ${it.event.type} ${it.event.sagaId} (${it.event.id})`);
        return hear(it.to, it.event);
      }
      if ("cancels" in it) {
        trace.push(`order cancels ${it.cancels}`);
        return cancel(it);
      }
      if ("look" in it) {
        trace.push(`payment looks at ${it.look}`);
        const intent = bank.look(it.look);
        const version = payments.get(it.orderId)?.version ?? 0;
        // Moved on meanwhile: looked at again, as settle does.
        if (version !== it.asOf) return void mail.push({ ...it, asOf: version });
        return tellPayment(it.orderId, (state) => payment.readIntent(state, intent, it.asOf));
      }
      trace.push(`${it.to} does ${it.task.kind} ${JSON.stringify(it.task.payload)}`);
      if (it.to === "payment") return runPaymentTask(it);
      const result = shipping.run(it.task, new Date(nowMs).toISOString());
      if (result === "repeat") mail.push(it);
      else send(result);
    },

    /** The customer is done with the bank: a webhook, or the reconciler, makes payment look. */
    passBank(orderId: string) {
      const intent = bank.answerCustomer(orderId);
      if (!intent) return;
      trace.push(`the customer of ${orderId} is done with the bank: ${intent.status}`);
      mail.push({ to: "payment", look: intent.id, orderId, asOf: payments.get(orderId)?.version ?? 0 });
    },

    /** Staff, or the carrier, move a parcel on. */
    moveParcel(orderId: string) {
      send(shipping.move(orderId, new Date(nowMs).toISOString()));
    },

    /** What a clock of ours would do now. */
    fireTimers() {
      for (const [id, { progress, ...rest }] of orders) {
        const isExpiring = "expiresAt" in rest && +rest.expiresAt <= nowMs;
        if (isExpiring) tellOrder(id, { type: "ExpireOrder" });
        if (progress.remindAt && +progress.remindAt <= nowMs) tellOrder(id, { type: "RemindOthers" });
      }
    },
  };
}

const heardBy = {
  order: new Set<string>(order.heardTypes),
  payment: new Set<string>(payment.heardTypes),
  inventory: new Set([
    ...["OrderInitiated", "OrderConfirmed", "OrderRejected", "OrderCancelled", "OrderExpired"],
    "OrderConfirmationFailed",
  ]),
};

function isFor(to: "order" | "payment" | "inventory" | "shipping", { type }: ShopEvent): boolean {
  return to === "shipping" ? shippingHears.has(type) : heardBy[to].has(type);
}

const shippingHears = new Set([
  ...["OrderConfirmed", "OrderCancelled", "OrderConfirmationFailed", "ShipmentAwaited"],
]);

function stocked(chance: Chance): inventory.Model {
  const skus = ["MUG", "CUP"].map((sku) => ({ sku, variantId: `var_${sku}`, productId: `prd_${sku}` }));
  const empty = inventory.emptyModel(warehouses, skus);
  const items = [...empty.items].map(([sku, item]) => {
    const places = [...item.places].map(
      ([code, place]) => [code, { ...place, onHand: chance.below(6) }] as const,
    );
    return [sku, { ...item, places: new Map(places) }] as const;
  });
  return { ...empty, items: new Map(items) };
}

/** An order of one or two lines, more than there may be in stock. */
export function anOrder(
  id: string,
  chance: Chance,
  paymentToken: string | null,
): Extract<order.Command, { type: "PlaceOrder" }> {
  const usd = (amount: number) => ({ amount, currency: "USD" });
  const skus = chance.is(0.4) ? ["MUG", "CUP"] : [chance.oneOf(["MUG", "CUP"])];
  const lines = skus.map((sku): EventData<"OrderInitiated">["lines"][number] => {
    const quantity = 1 + chance.below(3);
    const ids = { lineId: `${id}_${sku}`, variantId: `var_${sku}`, productId: `prd_${sku}`, sku, title: sku };
    const lineTotal = usd(500 * quantity);
    return { ...ids, imageUrl: null, quantity, unitPrice: usd(500), lineTotal, weightGrams: 300 };
  });
  const subtotal = lines.reduce((sum, line) => sum + line.lineTotal.amount, 0);
  const [name, line1, city, postalCode, country] = ["Ada", "1 Way", "Berlin", "10115", "DE"] as const;
  return {
    type: "PlaceOrder",
    paymentToken,
    bought: {
      ...{ id, number: id, customerId: null, email: "ada@shop.test", cartId: `cart_${id}`, cartVersion: 1 },
      ...{ lines, shippingOptionId: "standard", address: { name, line1, city, postalCode, country } },
      totals: {
        ...{ subtotal: usd(subtotal), discount: usd(0), shipping: usd(200), tax: usd(0) },
        total: usd(subtotal + 200),
      },
    },
  };
}
