import { unnestIds, type Kit, type Tx } from "@shop/service";
import { decide, type Message, type Order, type OrderDecision } from "../domain/index.ts";
import type { Limits } from "../settings.ts";
import {
  type customerFeeds,
  orderColumns,
  type OrderRow,
  timelineColumns,
  type TimelineEntry,
} from "../tables.ts";
import { broadcastCommits } from "./broadcast-commits.ts";
import {
  countDecline,
  type DeclineWait,
  declineWaits,
  defaultDeclineLimits,
  type Payer,
} from "./declines.ts";
import { toOrder } from "./order-rows.ts";
import { defaultUnpaidLimits, type Holder, holdsTooMany } from "./unpaid-orders.ts";
import { changeOrders, insertOrders } from "./write-orders.ts";

/** The decision on a message, the order after it (undefined if there is no such order), and its moment by Postgres' clock. */
export type Change = { decision: OrderDecision; order: Order | undefined; at: Date };

/** An order whose deadline has passed. */
export type Due = Pick<OrderRow, "id" | "status"> & { isExpired: boolean };

/** All reads and writes of the orders, but for lists and feeds. */
export type Store = ReturnType<typeof openStore>;

/** Opens the store; absent limits are the defaults. */
export function openStore(
  { pg, bus }: Pick<Kit<unknown>, "pg" | "bus">,
  { expirySeconds, rules, unpaid = defaultUnpaidLimits, declines: limits = defaultDeclineLimits }: Limits,
) {
  const { sql } = pg;
  const columns = sql.unsafe(orderColumns);
  const settings = { expirySeconds, ...(rules ? { rules } : {}) };

  const commits = broadcastCommits(bus);

  /** Read only where the message may leave the order held and unpaid. */
  async function alsoHolds(tx: Tx, order: Order | undefined, { type }: Message): Promise<boolean> {
    if (!order || (type !== "PaymentFailed" && type !== "PaymentActionRequired")) return false;
    return holdsTooMany(tx, order, unpaid);
  }

  return {
    /** Called with each change of an order that this process has committed, its rows in order of the counters; must not throw. */
    onCommit: commits.onCommit,

    /**
     * Locks the order, decides the message, and writes row, timeline and outbox; of concurrent messages, each sees the
     * decision before it. With `skipsLocked`, an order whose row is locked is left alone, as if it were unknown.
     */
    async change(
      tx: Tx,
      id: string,
      message: Message,
      { skipsLocked = false }: { skipsLocked?: boolean } = {},
    ): Promise<Change> {
      const locked = await tx.batch(skipsLocked ? lockUnlocked : lock, id);
      const { order, now } = locked ?? { order: undefined, now: new Date() };
      const holdsMore = await alsoHolds(tx, order, message);
      const decision = decide(order, message, { ...settings, now, holdsTooMany: holdsMore });
      if (!order || decision.outcome === "ignored") return { decision, order, at: now };
      const { state: to, events, timeline } = decision;
      const isDecline = message.type === "PaymentFailed" && !message.data.isOurFault;
      if (isDecline) await countDecline(tx, payerOfLatest(order), limits);
      commits.broadcastLater(tx, await tx.batch(changeOrders, { from: order, to, timeline, at: now }));
      tx.publish(...events);
      return { decision, order: to, at: now };
    },

    /** Whether an order that would be held and unpaid is one too many for its customer, e-mail or address. */
    isOneTooMany: (tx: Tx, holder: Holder) => holdsTooMany(tx, holder, unpaid),

    /** How long a payer with too many declined payments must wait before another attempt; undefined without a wait. */
    async declineWait(tx: Tx, payer: Payer): Promise<DeclineWait | undefined> {
      if (!payer.client && payer.customerId === null) return undefined;
      return tx.batch(declineWaits, { payer, limits });
    },

    /** Writes a new order; undefined when its number, or its cart's version, is already an order's. */
    async place(tx: Tx, command: Extract<Message, { type: "PlaceOrder" }>): Promise<Order | undefined> {
      const decision = decide(undefined, command, { ...settings, now: new Date() });
      if (decision.outcome === "ignored") throw new Error(`a new order was ignored: ${decision.reason}`);
      const { state, events, timeline } = decision;
      const placed = await tx.batch(insertOrders, { order: state, timeline });
      if (!placed) return undefined;
      tx.publish(...events);
      commits.broadcastLater(tx, placed);
      return placed.order;
    },

    /** The order that this version of the cart has become, except one that was rejected, cancelled or expired. */
    async findOfCart(
      cartId: string,
      cartVersion: number,
      within: Pick<Tx, "sql"> | Pick<Kit<unknown>["pg"], "sql"> = pg,
    ): Promise<Order | undefined> {
      const [row] = await within.sql<OrderRow[]>`
        select ${columns} from orders where cart_id = ${cartId} and cart_version = ${cartVersion}
          and status not in ('REJECTED', 'CANCELLED', 'EXPIRED')`;
      return row && toOrder(row);
    },

    async find(id: string): Promise<Order | undefined> {
      if (!isOrderId(id)) return undefined;
      const [row] = await sql<OrderRow[]>`select ${columns} from orders where id = ${id}`;
      return row && toOrder(row);
    },

    async findMany(ids: readonly string[]): Promise<Map<string, Order>> {
      const rows = await sql<OrderRow[]>`
        select ${columns} from orders where id = any(${ids.filter(isOrderId)})`;
      return new Map(rows.map((row) => [row.id, toOrder(row)]));
    },

    async timelines(orderIds: readonly string[]): Promise<Map<string, TimelineEntry[]>> {
      const rows = await sql<TimelineEntry[]>`
        select ${sql.unsafe(timelineColumns)}
        from order_events where order_id = any(${[...orderIds]}) order by order_id, counter`;
      return Map.groupBy(rows, (row) => row.orderId);
    },

    async customerCounter(customerId: string): Promise<number> {
      const [row] = await sql<Pick<typeof customerFeeds.$inferSelect, "counter">[]>`
        select counter from customer_feeds where customer_id = ${customerId}`;
      return row?.counter ?? 0;
    },

    /** Orders whose deadline has passed, the longest overdue first; without those whose row is locked. */
    async due(limit: number): Promise<Due[]> {
      return sql<Due[]>`
        select id, status, coalesce(expires_at <= clock_timestamp(), false) as "isExpired" from orders
        where due_at <= clock_timestamp() order by due_at limit ${limit} for update skip locked`;
    },

    /** Milliseconds until the next deadline; undefined when there is none. */
    async nextDueMs(): Promise<number | undefined> {
      const [row] = await sql<{ ms: number | null }[]>`
        select (extract(epoch from min(due_at) - clock_timestamp()) * 1000)::float as ms
        from orders where due_at is not null`;
      return row?.ms ?? undefined;
    },
  };
}

/** The payer of the latest attempt; the checkout's own is its customer's. */
function payerOfLatest({ client, customerId, progress: { payer, payerId } }: Order): Payer {
  return { client: payer ?? client, customerId: payerId === undefined ? customerId : payerId };
}

type Locked = { order: Order; now: Date };

/** Waits for the locks of other transactions. */
const lock = (tx: Tx, ids: readonly string[]) => lockAll(tx, ids, tx.sql``);
/** Omits orders that another transaction has locked. */
const lockUnlocked = (tx: Tx, ids: readonly string[]) => lockAll(tx, ids, tx.sql`skip locked`);

async function lockAll(
  { sql }: Tx,
  ids: readonly string[],
  locked: ReturnType<Tx["sql"]>,
): Promise<(Locked | undefined)[]> {
  // The clock is read once the locks are held: before that, other transactions may still be deciding.
  const rows = await sql<(OrderRow & { now: Date })[]>`
    with locked as materialized (
      select locked.* from ${unnestIds(sql, ids.toSorted())} cross join lateral (
        select ${sql.unsafe(orderColumns)} from orders where orders.id = ids.id for update ${locked}
      ) as locked
    )
    select *, clock_timestamp() as now from locked`;
  const byId = new Map(rows.map(({ now, ...row }) => [row.id, { order: toOrder(row), now }]));
  return ids.map((id) => byId.get(id));
}

/** Any other text that a client gives as an id is no order's, and may contain what Postgres refuses as text. */
function isOrderId(text: string): boolean {
  return /^ord_\w{1,60}$/.test(text);
}
