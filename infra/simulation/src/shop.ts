import type { Decision, NewEvent, NewTask, ShopEvent } from "@shop/events";
import type * as inventory from "@shop/inventory/reference-model";
import * as order from "@shop/order/domain";
import * as payment from "@shop/payment/domain";
import { stocked } from "./order-builder.ts";
import { type Bank, openBank } from "./bank.ts";
import type { Random } from "./random.ts";
import { type Decisions, ourDecisions } from "./decisions.ts";
import { type Shipping, openShipping } from "./shipping.ts";
import { openMonitor } from "./monitor.ts";
import type { Sale } from "./sales/open-sale.ts";
import { openWinning, type Outcome, type Winning } from "./winning.ts";

/** A command to cancel an order, before or after shipping has stopped its parcels. */
type CancelCommand = { cancels: string; isCalledOff: boolean };

/** A message on its way: an event to one service, a task to its service, a read at the bank. */
export type Mail =
  | { to: "order" | "payment" | "inventory" | "shipping"; event: ShopEvent }
  | { to: "payment" | "shipping"; task: NewTask }
  | { to: "payment"; look: string; orderId: string }
  | Winning
  | Outcome
  /** An intent that payment has read at the bank, and payment's own version before that. */
  | { to: "payment"; reading: payment.Intent; orderId: string; asOf: number }
  | ({ to: "order" } & CancelCommand);

/** All services' decisions and their states in one process, with one clock and no store. */
export type Shop = ReturnType<typeof openShop>;

const expirySeconds = 900;
/** Few, so that many histories have an order whose stock is given back until it is paid. */
const maxHeldUnpaid = 2;

/** A shop, with a flash sale if one is given: its units have left the ordinary stock. */
export function openShop(random: Random, decisions: Decisions = ourDecisions, sale?: Sale) {
  const orders = new Map<string, order.Order>();
  const timelines = new Map<string, order.TimelineRow[]>();
  const payments = new Map<string, payment.Payment>();
  const bank: Bank = openBank(random);
  const shipping: Shipping = openShipping(random, decisions.shipping);
  const monitor = openMonitor({ orders, payments, bank });
  const mail: Mail[] = [];
  const published: ShopEvent[] = [];
  const trace: string[] = [];
  /** Orders with a command to cancel. */
  const cancelled = new Set<string>();
  /** Orders that were placed or paid with a good card. */
  const goodCards = new Set<string>();
  const triesOf = new Map<string, number>();
  let stock = sale?.stocked ?? stocked(random);
  let nowMs = Date.UTC(2026, 0, 1);

  /** Sends each event to all services that subscribe to it. */
  function publish(events: readonly NewEvent[], producer: ShopEvent["producer"]) {
    for (const fresh of events) {
      const id = `event-${published.length + 1}`;
      const occurredAt = new Date(nowMs).toISOString();
      const event = { ...fresh, id, producer, occurredAt, schemaVersion: 1 } as ShopEvent;
      published.push(event);
      monitor.event(event);
      trace.push(`  ${producer} publishes ${event.type} ${event.sagaId ?? event.aggregate.id} (${id})`);
      for (const to of ["order", "payment", "inventory", "shipping"] as const) {
        if (to !== producer && isFor(to, event)) mail.push({ to, event });
      }
    }
  }

  /** Applies a message to an order: an event, a command, or its timer. */
  function changeOrder(id: string, message: order.Message): order.OrderDecision {
    const before = orders.get(id);
    const others = [...orders.values()].filter((one) => one.id !== id && order.isHeldUnpaid(one));
    // A hold of a flash sale counts in no limit of unpaid orders.
    const holdsTooMany = !sale?.isOf(id) && others.length >= maxHeldUnpaid;
    const at = { now: new Date(nowMs), expirySeconds, holdsTooMany };
    const decision = decisions.order(before, message, at);
    monitor.order({ before, message, decision, nowMs, expirySeconds });
    if (decision.outcome === "ignored") return decision;
    orders.set(id, decision.state);
    timelines.set(id, [...(timelines.get(id) ?? []), ...decision.timeline]);
    trace.push(`  ${id} ${before?.status ?? "-"} -> ${decision.state.status}`);
    publish(decision.events, "order");
    return decision;
  }

  /** As orderCancel does: shipping stops a confirmed order first. Order may crash before it gets the answer. */
  function cancel({ cancels: orderId, isCalledOff }: CancelCommand) {
    cancelled.add(orderId);
    const request = { by: "CUSTOMER", reason: null, request: `cancel ${orderId}` } as const;
    const decision = changeOrder(orderId, { type: "CancelOrder", ...request, isCalledOff });
    if (decision.outcome === "changed" || decision.reason !== "SHIPPING_MUST_BE_ASKED") return;
    const at = new Date(nowMs).toISOString();
    const { hasLeft, outgoing } = shipping.callOff({ type: "CallOff", orderId, ...request, at });
    send(outgoing);
    trace.push(`  shipping answers that ${orderId} ${hasLeft ? "has left" : "is called off"}`);
    const isTrue = !hasLeft || shipping.parcels(orderId).some(({ id }) => shipping.departed.has(id));
    if (!isTrue) monitor.found.add(`I2 no parcel of ${orderId} has left, and it can't be cancelled`);
    if (hasLeft) return;
    if (!random.is(0.3)) return void mail.push({ to: "order", cancels: orderId, isCalledOff: true });
    trace.push("  order crashes");
    if (random.is(0.3)) mail.push({ to: "order", cancels: orderId, isCalledOff: false });
  }

  function command(id: string, message: order.Command, token: string | null) {
    const { outcome } = changeOrder(id, message);
    if (outcome === "changed" && token === "pm_card") goodCards.add(id);
  }

  function changePayment(orderId: string, decide: (state: payment.Payment) => Decision<payment.Payment>) {
    const before = payments.get(orderId) ?? payment.newPayment(orderId);
    const decision = decide(before);
    if (decision.outcome === "ignored") return decision.reason;
    payments.set(orderId, decision.state);
    trace.push(`  payment of ${orderId} is ${decision.state.status}`);
    publish(decision.events, "payment");
    monitor.payment(before, decision.state);
    for (const task of decision.tasks) mail.push({ to: "payment", task });
    return undefined;
  }

  function handleEvent(to: Extract<Mail, { event: ShopEvent }>["to"], event: ShopEvent) {
    switch (to) {
      case "order":
        return void changeOrder(event.sagaId ?? "", event as order.SubscribedEvent);
      case "payment":
        return void changePayment(event.sagaId ?? "", (state) =>
          decisions.payment.handleEvent(state, event as payment.SubscribedEvent),
        );
      case "inventory": {
        const ofOrder = event as inventory.OrderEvent;
        const isOfSale = sale?.isOf(ofOrder.data.orderId);
        const step =
          sale && isOfSale ? sale.handle(stock, ofOrder, nowMs) : decisions.inventory(stock, ofOrder);
        stock = step.model;
        if (step.outcome === "parked") throw new Error(`inventory parks ${event.type}: ${step.reason}`);
        return publish(step.events, "inventory");
      }
      case "shipping":
        return send(shipping.handleEvent(event));
    }
  }

  function send({ events, tasks }: { events: NewEvent[]; tasks: NewTask[] }) {
    publish(events, "shipping");
    for (const task of tasks) mail.push({ to: "shipping", task });
  }

  function ask(call: payment.Call): payment.CallResult {
    monitor.call(call);
    const answer = bank.perform(call);
    monitor.money(call.orderId);
    return answer;
  }

  /** As settle does: a reading may be stale when it is applied, and is then read again. */
  function look(orderId: string, intentId: string) {
    trace.push(`payment looks at ${intentId}`);
    const asOf = payments.get(orderId)?.version ?? 0;
    mail.push({ to: "payment", reading: bank.look(intentId), orderId, asOf });
  }

  function read({ reading, orderId, asOf }: Extract<Mail, { reading: payment.Intent }>) {
    trace.push(`payment has read that ${reading.id} is ${reading.status}`);
    const isRead = changePayment(orderId, (state) => decisions.payment.applyIntent(state, reading, asOf));
    if (isRead === "STALE_READING") mail.push({ to: "payment", look: reading.id, orderId });
  }

  /** Calls the provider; the answer may get lost, and the call is made again. */
  function runPaymentTask(it: Extract<Mail, { task: NewTask }>) {
    const { kind, payload } = it.task;
    const task = payload as payment.TaskPayload;
    const { orderId } = task;
    const state = payments.get(orderId) ?? payment.newPayment(orderId);
    // The task's row counts its attempts, also of one that runs twice at once.
    const tries = (triesOf.get(it.task.id ?? "") ?? 0) + 1;
    triesOf.set(it.task.id ?? "", tries);
    const wanted = decisions.payment.callFor(
      kind as "authorize" | "capture" | "undo",
      task,
      state,
      tries === 1,
    );
    if (!wanted) return;
    const isLost = random.is(0.2);
    const isNeverMade = isLost && random.is(0.5);
    if ("call" in wanted && isNeverMade) return void mail.push(it);
    const answer = "result" in wanted ? wanted.result : ask(wanted.call);
    if (isLost) return void mail.push(it);
    trace.push(`  the bank reports ${answer.kind}`);
    const asks = decisions.payment.winRequest(state, answer);
    if (asks) mail.push({ to: "order", asks, isAwaited: true, held: { state, answer, task: it.task } });
    else report(orderId, answer);
  }

  function report(orderId: string, result: payment.CallResult) {
    changePayment(orderId, (now) => decisions.payment.applyResult(now, result));
  }

  const winning = openWinning({ random, decisions, monitor, trace, mail, changeOrder, ask, report });

  return {
    orders,
    timelines,
    payments,
    bank,
    shipping,
    mail,
    published,
    trace,
    monitor,
    cancelled,
    goodCards,
    stock: () => stock,
    now: () => nowMs,
    cancel,
    place: (id: string, message: Extract<order.Command, { type: "PlaceOrder" }>) =>
      command(id, message, message.paymentToken),
    pay: (id: string, paymentToken: string) => command(id, { type: "PayOrder", paymentToken }, paymentToken),
    /** What customers, staff and the clock do to the sale. */
    changeSale(message: inventory.SaleMessage) {
      const step = sale?.change(stock, message, nowMs) ?? { model: stock, events: [] };
      stock = step.model;
      publish(step.events, "inventory");
    },
    passTime(seconds: number) {
      nowMs += seconds * 1000;
    },

    /** Delivers one thing that is on its way. */
    deliver(it: Mail) {
      if ("event" in it) {
        trace.push(`${it.to} handles ${it.event.type} ${it.event.sagaId} (${it.event.id})`);
        return handleEvent(it.to, it.event);
      }
      if ("cancels" in it) {
        trace.push(`order cancels ${it.cancels}`);
        return cancel(it);
      }
      if ("held" in it) return winning.deliver(it);
      if ("outcome" in it) {
        trace.push(`payment of ${it.orderId} notes ${it.outcome.kind}`);
        return report(it.orderId, it.outcome);
      }
      if ("look" in it) return look(it.orderId, it.look);
      if ("reading" in it) return read(it);
      trace.push(`${it.to} does ${it.task.kind} ${JSON.stringify(it.task.payload)}`);
      if (it.to === "payment") return runPaymentTask(it);
      const result = shipping.run(it.task, new Date(nowMs).toISOString());
      if (result === "repeat") mail.push(it);
      else send(result);
    },

    /** The customer has finished 3-D Secure, or an authorisation lapsed: a webhook, or the reconciler, makes payment read the intent. */
    passBank(orderId: string) {
      const intent = bank.answerCustomer(orderId) ?? bank.lapse(orderId);
      if (!intent) return;
      trace.push(`the bank has news of ${orderId}: ${intent.status}`);
      mail.push({ to: "payment", look: intent.id, orderId });
    },

    /** Staff, or the carrier, move a parcel on. */
    moveParcel(orderId: string) {
      send(shipping.move(orderId, new Date(nowMs).toISOString()));
    },

    /** The timers of all orders: only the decision knows which is due. */
    fireTimers({ reminds }: { reminds: boolean }) {
      for (const [id, { progress }] of orders) {
        changeOrder(id, { type: "ExpireOrder" });
        if (reminds && progress.remindAt && +progress.remindAt <= nowMs)
          changeOrder(id, { type: "SendReminders" });
      }
    },
  };
}

const subscribedTypes = {
  order: new Set<string>(order.subscribedTypes),
  payment: new Set<string>(payment.subscribedTypes),
  inventory: new Set([
    ...[
      "StockYielded",
      "StockRequested",
      "OrderInitiated",
      "OrderConfirmed",
      "OrderRejected",
      "OrderCancelled",
      "OrderExpired",
    ],
    "OrderConfirmationFailed",
  ]),
};

function isFor(to: "order" | "payment" | "inventory" | "shipping", { type }: ShopEvent): boolean {
  return to === "shipping" ? shippingSubscribes.has(type) : subscribedTypes[to].has(type);
}

const shippingSubscribes = new Set([
  ...["OrderConfirmed", "OrderCancelled", "OrderConfirmationFailed", "ShipmentAwaited"],
]);
