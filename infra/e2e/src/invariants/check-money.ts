import type { ShopStatus } from "@shop/stack";
import { request } from "undici";
import { over, sold, type Databases, type Order, type Violations } from "./read-shop.ts";

type Payment = {
  orderId: string;
  status: string;
  amount: number | null;
  refunded: number;
  /** Why the order has ended, as payment knows; what is paid back after that is our own undo. */
  ended: string | null;
  /** The present one; `intents` are all there were. */
  intent: string | null;
  intents: string[];
};
type Parked = { orderId: string; intentId: string };
type Dispute = { id: string; status: string; amount: number; payment_intent: string };
type Intent = { id: string; status: string; amount_received: number; metadata: Record<string, string> };
type Refund = {
  id: string;
  status: string;
  amount: number;
  payment_intent: string;
  metadata: Record<string, string>;
};
type Provider = { intents: Intent[]; refunds: Refund[]; disputes: Dispute[] };

/** I3 and I13: what was captured and not paid back is what was bought, in our books and in the provider's. */
export async function checkMoney(
  orders: Order[],
  { payment }: Databases,
  status: ShopStatus,
): Promise<Violations> {
  const payments = await payment<Payment[]>`
    select order_id as "orderId", status, amount, refunded, ended, intent_id as intent,
      array_remove(past_intents || intent_id, null) as intents
    from payments`;
  const parked = await payment<Parked[]>`
    select order_id as "orderId", intent_id as "intentId" from parked_intents`;
  const stripe = status.stripe?.url;
  const paidTwice = [...Map.groupBy(payments, ({ orderId }) => orderId)].filter(([, all]) => all.length > 1);
  return [
    ...booksAgree(orders, payments),
    ...paidTwice.map(([id, all]) => `I7: order ${id} has ${all.length} payments`),
    ...payments.filter(isUnderWay).map((one) => `I10: the payment of ${one.orderId} is still ${one.status}`),
    ...(stripe ? providerAgrees(orders, payments, parked, await providerOf(stripe)) : []),
  ];
}

function booksAgree(orders: Order[], payments: Payment[]): Violations {
  const byOrder = new Map(payments.map((payment) => [payment.orderId, payment]));
  return orders.flatMap((order) => {
    const payment = byOrder.get(order.id);
    const isTaken = payment?.status === "CAPTURED" || payment?.status === "REFUNDED";
    const kept = isTaken ? (payment.amount ?? 0) - payment.refunded : 0;
    // What was paid back at the provider by hand is owed no more.
    const byHand = payment?.ended === null && sold.has(order.status) ? payment.refunded : 0;
    const wanted = wantedOf(order, byHand);
    if (wanted === undefined) return [];
    const believed = payment && byHand === 0 ? moneyOf(payment) : undefined;
    return [
      ...(kept === wanted
        ? []
        : [`I3: order ${order.id} is ${order.status} and ${kept} of ${wanted} is kept (${payment?.status})`]),
      ...((payment?.amount ?? order.total) === order.total
        ? []
        : [`I3: the payment of ${order.id} is for ${payment?.amount}, the order for ${order.total}`]),
      ...(believed === undefined || believed === order.money
        ? []
        : [`I16: the payment of ${order.id} is ${payment?.status}, and order believes ${order.money}`]),
    ];
  });
}

/** What order must know of a payment that rests; undefined where no money was held, so that no event was published. */
function moneyOf({ status }: Payment): string | undefined {
  if (status === "CAPTURED") return "CAPTURED";
  return status === "VOIDED" || status === "REFUNDED" ? "RETURNED" : undefined;
}

function providerAgrees(
  orders: Order[],
  payments: Payment[],
  parked: Parked[],
  { intents, refunds, disputes }: Provider,
): Violations {
  const known = new Map([
    ...payments.flatMap((one) => one.intents.map((id) => [id, one.orderId] as const)),
    ...parked.map(({ intentId, orderId }) => [intentId, orderId] as const),
  ]);
  const isParked = new Set(parked.map(({ intentId }) => intentId));
  const lost = Map.groupBy(
    disputes.filter((one) => one.status === "lost"),
    (one) => one.payment_intent,
  );
  const sumOf = (some: readonly { amount: number }[] = []) =>
    some.reduce((sum, { amount }) => sum + amount, 0);
  const byOrder = Map.groupBy(intents, ({ metadata }) => metadata["orderId"] ?? "");
  const refunded = Map.groupBy(refunds, (refund) => refund.payment_intent);
  const keptOf = ({ id, amount_received: received }: Intent) =>
    (refunded.get(id) ?? []).reduce(
      (left, one) => left - (one.status === "succeeded" ? one.amount : 0),
      received,
    );
  const resting = orders.flatMap((order) => {
    const mine = (byOrder.get(order.id) ?? []).filter(({ id }) => !isParked.has(id));
    const made = mine.flatMap(({ id }) => refunds.filter((one) => one.payment_intent === id));
    const byHand = made.filter(({ status, metadata }) => status === "succeeded" && !metadata["orderId"]);
    const wanted = wantedOf(order, sumOf(byHand));
    if (wanted === undefined) return [];
    // A dispute that was lost has given the customer of an order without goods the money back.
    const isOver = over.has(order.status);
    const kept = mine.reduce(
      (sum, intent) => sum + keptOf(intent) - (isOver ? sumOf(lost.get(intent.id)) : 0),
      0,
    );
    const open = mine.filter(({ status }) => status !== "succeeded" && status !== "canceled");
    return [
      ...(kept === wanted
        ? []
        : [`I3: order ${order.id} is ${order.status}, the provider keeps ${kept} of ${wanted}`]),
      ...open.map(
        ({ id, status }) => `I3: order ${order.id} is ${order.status}, and intent ${id} is ${status}`,
      ),
    ];
  });
  const isPaidBack = new Map(
    [...refunded].map(([id, all]) => [
      id,
      all.filter(({ status }) => status !== "failed" && status !== "canceled"),
    ]),
  );
  const unheard = payments.flatMap(({ orderId, intent, refunded: ours }) => {
    const made = isPaidBack.get(intent ?? "") ?? [];
    const done = sumOf(made.filter(({ status }) => status === "succeeded"));
    // One that is pending is on its way: our own undo writes it when it is done, a refund by hand when it is made.
    if (ours === done || ours === sumOf(made)) return [];
    return [`I3: payment has paid back ${ours} of ${orderId}, the provider ${done}`];
  });
  const strays = intents.filter(({ id, metadata }) => known.get(id) !== metadata["orderId"]);
  return [
    ...resting,
    ...unheard,
    ...strays.map(({ id }) => `I13: intent ${id} at the provider is no payment's`),
  ];
}

/** What the shop should keep, less what was paid back by hand; undefined while the order does not rest. */
function wantedOf({ status, total }: Order, byHand: number): number | undefined {
  if (sold.has(status)) return total - byHand;
  return over.has(status) ? 0 : undefined;
}

function isUnderWay({ status }: Payment): boolean {
  return ["AUTHORIZING", "CAPTURING", "CLOSING", "VOIDING", "REFUNDING"].includes(status);
}

async function providerOf(url: string): Promise<Provider> {
  return {
    intents: await allOf<Intent>(`${url}/v1/payment_intents`),
    refunds: await allOf<Refund>(`${url}/v1/refunds`),
    disputes: await allOf<Dispute>(`${url}/v1/disputes`),
  };
}

async function allOf<T extends { id: string }>(url: string): Promise<T[]> {
  const all: T[] = [];
  for (let after = ""; ;) {
    const page = `${url}?limit=100${after ? `&starting_after=${after}` : ""}`;
    const answer = await request(page, { headers: { authorization: "Bearer sk_test_check" } });
    const { data, has_more: hasMore } = (await answer.body.json()) as { data: T[]; has_more: boolean };
    all.push(...data);
    after = data.at(-1)?.id ?? "";
    if (!hasMore || !after) return all;
  }
}
