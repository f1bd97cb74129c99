import { idsTable, type Kit, type Tx } from "@shop/service";
import { decide, type HoldRules, type Message, type Order, type OrderDecision } from "../domain/index.ts";
import {
  countDecline,
  type DeclineLimits,
  type DeclineWait,
  declineWaits,
  defaultDeclineLimits,
  type Payer,
} from "./declines.ts";
import { defaultHoldLimits, type HoldLimits, type Holder, holdsTooMany } from "./unpaid-orders.ts";
import { type OrderRow, type TimelineEntry, toOrder } from "./order-rows.ts";
import { changeOrders, insertOrders } from "./write-orders.ts";

/** What a message did to an order, and the order as it stands after it; undefined if there is no such order. */
export type Change = { decision: OrderDecision; order: Order | undefined };

/** An order that must be looked at. */
export type Due = Pick<OrderRow, "id" | "status"> & { isExpired: boolean };

/** The only door to the orders. */
export type Store = ReturnType<typeof openStore>;

export function openStore({
  kit,
  expirySeconds,
  rules,
  limits = defaultHoldLimits,
  declines = defaultDeclineLimits,
}: {
  kit: Pick<Kit<unknown>, "pg" | "bus">;
  expirySeconds: number;
  /** The defaults where absent. */
  rules?: HoldRules;
  limits?: HoldLimits;
  declines?: DeclineLimits;
}) {
  const { pg, bus } = kit;
  const { sql } = pg;

  /** After the commit, whoever follows the order or the customer reads what is new. */
  function announceLater(tx: Tx, { id, customerId }: Order) {
    tx.afterCommit(() => bus.broadcast("orders", JSON.stringify({ order: id, customer: customerId })));
  }

  const settings = { expirySeconds, ...(rules ? { rules } : {}) };

  /** Asked for where an order may be about to be held unpaid. */
  async function alsoHolds(tx: Tx, order: Order | undefined, { type }: Message): Promise<boolean> {
    if (!order || (type !== "PaymentFailed" && type !== "PaymentActionRequired")) return false;
    return holdsTooMany(tx, { ...order, orderId: order.id }, limits);
  }

  return {
    /**
     * Locks, decides, and writes row, timeline and outbox; as many at once as there are, one wins. With `skipsLocked`, an
     * order whose row somebody holds is left alone, as if there were none.
     */
    async change(
      tx: Tx,
      id: string,
      message: Message,
      { skipsLocked = false }: { skipsLocked?: boolean } = {},
    ): Promise<Change> {
      const row = await tx.batch(skipsLocked ? lockFree : lock, id);
      const order = row && toOrder(row);
      const now = row?.now ?? new Date();
      const holdsMore = await alsoHolds(tx, order, message);
      const decision = decide(order, message, { ...settings, now, holdsTooMany: holdsMore });
      if (!order || decision.outcome === "ignored") return { decision, order };
      const { state: to, events, timeline } = decision;
      const isDecline = message.type === "PaymentFailed" && !message.data.isOurFault;
      if (isDecline) await countDecline(tx, payerOfLatest(order), declines);
      await tx.batch(changeOrders, { from: order, to, timeline, at: now });
      tx.publish(...events);
      if (timeline.length > 0) announceLater(tx, to);
      return { decision, order: to };
    },

    /** Whether an order that would be held unpaid is one too many for its customer, e-mail or address. */
    isOneTooMany: (tx: Tx, holder: Holder) => holdsTooMany(tx, holder, limits),

    /** How long a payer with too many declined payments must wait before another; undefined when they may now. */
    async declineWait(tx: Tx, payer: Payer): Promise<DeclineWait | undefined> {
      if (!payer.client && payer.customerId === null) return undefined;
      return tx.batch(declineWaits, { payer, limits: declines });
    },

    /** Writes a new order; undefined when its number, or its cart's version, is already an order's. */
    async place(tx: Tx, command: Extract<Message, { type: "PlaceOrder" }>): Promise<Order | undefined> {
      const decision = decide(undefined, command, { ...settings, now: new Date() });
      if (decision.outcome === "ignored") throw new Error(`a new order was ignored: ${decision.reason}`);
      const { state, events, timeline } = decision;
      const placed = await tx.batch(insertOrders, { order: state, timeline });
      if (!placed) return undefined;
      tx.publish(...events);
      announceLater(tx, placed);
      return placed;
    },

    /** The order that this version of the cart has become, unless it came to nothing. */
    async findOfCart(
      cartId: string,
      cartVersion: number,
      within: Pick<Tx, "sql"> | Pick<Kit<unknown>["pg"], "sql"> = pg,
    ): Promise<Order | undefined> {
      const [row] = await within.sql<OrderRow[]>`
        select * from orders where cart_id = ${cartId} and cart_version = ${cartVersion}
          and status not in ('REJECTED', 'CANCELLED', 'EXPIRED')`;
      return row && toOrder(row);
    },

    async find(id: string): Promise<Order | undefined> {
      if (!isOrderId(id)) return undefined;
      const [row] = await sql<OrderRow[]>`select * from orders where id = ${id}`;
      return row && toOrder(row);
    },

    async findMany(ids: readonly string[]): Promise<Map<string, Order>> {
      const rows = await sql<OrderRow[]>`select * from orders where id = any(${ids.filter(isOrderId)})`;
      return new Map(rows.map((row) => [row.id, toOrder(row)]));
    },

    async timelines(orderIds: readonly string[]): Promise<Map<string, TimelineEntry[]>> {
      const rows = await sql<TimelineEntry[]>`
        select order_id as "orderId", counter, type, status, message, occurred_at as "occurredAt"
        from order_events where order_id = any(${[...orderIds]}) order by order_id, counter`;
      return Map.groupBy(rows, (row) => row.orderId);
    },

    async customerCounter(customerId: string): Promise<number> {
      const [row] = await sql<{ counter: number }[]>`
        select counter from customer_feeds where customer_id = ${customerId}`;
      return row?.counter ?? 0;
    },

    /** What this service must look at by itself now, the longest overdue first; without those whose row somebody holds. */
    async due(limit: number): Promise<Due[]> {
      return sql<Due[]>`
        select id, status, coalesce(expires_at <= clock_timestamp(), false) as "isExpired" from orders
        where due_at <= clock_timestamp() order by due_at limit ${limit} for update skip locked`;
    },

    /** Milliseconds until the next is due; undefined when nothing is. */
    async nextDueMs(): Promise<number | undefined> {
      const [row] = await sql<{ ms: number | null }[]>`
        select (extract(epoch from min(due_at) - clock_timestamp()) * 1000)::float as ms
        from orders where due_at is not null`;
      return row?.ms ?? undefined;
    },
  };
}

/** Who made the latest attempt to pay; the checkout's own is its customer's. */
function payerOfLatest({ client, customerId, progress: { payer, payerId } }: Order): Payer {
  return { client: payer ?? client, customerId: payerId === undefined ? customerId : payerId };
}

type LockedRow = OrderRow & { now: Date };

/** Waits for whoever holds one of them. */
const lock = (tx: Tx, ids: readonly string[]) => lockAll(tx, ids, tx.sql``);
/** Leaves out those that somebody holds. */
const lockFree = (tx: Tx, ids: readonly string[]) => lockAll(tx, ids, tx.sql`skip locked`);

async function lockAll(
  { sql }: Tx,
  ids: readonly string[],
  held: ReturnType<Tx["sql"]>,
): Promise<(LockedRow | undefined)[]> {
  // The clock is read once the locks are held: before that, others may still be deciding.
  const rows = await sql<LockedRow[]>`
    with locked as materialized (
      select locked.* from ${idsTable(sql, ids.toSorted())}
      cross join lateral (select * from orders where orders.id = ids.id for update ${held}) as locked
    )
    select *, clock_timestamp() as now from locked`;
  const byId = new Map(rows.map((row) => [row.id, row]));
  return ids.map((id) => byId.get(id));
}

/** Whatever else a client gives as an id is nobody's, and may be text that Postgres doesn't even take. */
function isOrderId(text: string): boolean {
  return /^ord_\w{1,60}$/.test(text);
}
