import { createWakeup, type Kit, pollLoop } from "@shop/service";
import DataLoader from "dataloader";
import type { Order } from "../domain/index.ts";
import { Followers } from "./followers.ts";
import { RecentOrders } from "./recent-orders.ts";
import { type OrderBroadcast, broadcastTopic } from "../store/broadcast-commits.ts";
import { type Feed, type FeedCursor, feedKey, readFeeds } from "../store/read-feeds.ts";
import type { Store } from "../store/store.ts";
import type { Written } from "../store/write-orders.ts";
import type { TimelineEntry } from "../tables.ts";

/** A row of the timeline, its counter in the feed, and the order in its present state. */
export type Update = { feed: Feed; counter: number; event: TimelineEntry; order: Order };

/** How often every feed is read, besides after commits and broadcasts: broadcasts may be lost, rows may not. */
const pollMs = 1_000;

type Parts = Pick<Kit<unknown>, "pg" | "bus" | "log"> & { store: Store };

/**
 * Gives each follower the rows after its cursor, once and in order: from memory where this process has committed the row that
 * is next for the follower, else read from Postgres. One reader serves all followers.
 */
export function openLive({ pg, bus, log, store }: Parts) {
  const followers = new Followers<Update>();
  const recent = new RecentOrders();
  /** Keys of followed feeds that may have new rows. */
  const stale = new Set<string>();
  const wakeup = createWakeup();
  let pollAt = 0;

  store.onCommit(({ order: committed, rows, customerCounter }: Written) => {
    const order = recent.keepCommitted({ order: committed, rows });
    const last = rows.at(-1)?.counter;
    if (last === undefined) return;
    giveNext({ of: "order", id: order.id }, 0);
    if (order.customerId !== null && customerCounter !== null)
      giveNext({ of: "customer", id: order.customerId }, customerCounter - last);

    /** `ahead`: by how much the rows' counters in the feed are ahead of those in the order. */
    function giveNext(feed: Feed, ahead: number) {
      const key = feedKey(feed);
      if (!followers.has(key)) return;
      for (const event of rows) {
        const counter = event.counter + ahead;
        followers.giveNext(key, { feed, counter, event, order }, counter);
      }
      markStale(key, Number(last) + ahead);
    }
  });

  // This process receives its own broadcasts as well: its followers have those rows already.
  const unsubscribe = bus.onBroadcast("order", broadcastTopic, (text) => {
    const { order, customer, version, counter, customerCounter } = JSON.parse(text) as OrderBroadcast;
    recent.noteBroadcast(order, version);
    markStale(feedKey({ of: "order", id: order }), counter);
    if (customer !== null && customerCounter !== null)
      markStale(feedKey({ of: "customer", id: customer }), customerCounter);
  });

  /** Has the feed read if one of its followers lacks a row up to this counter. */
  function markStale(key: string, counter = Infinity) {
    if (!followers.isBehind(key, counter)) return;
    stale.add(key);
    wakeup.wake();
  }

  async function read() {
    const isPoll = Date.now() >= pollAt;
    if (isPoll) pollAt = Date.now() + pollMs;
    const cursors = isPoll ? followers.toRead() : followers.toRead(stale);
    stale.clear();
    if (cursors.length > 0) await serve(cursors);
    return Math.max(1, pollAt - Date.now());
  }

  async function serve(cursors: FeedCursor[]) {
    const { rows, isCut } = await readFeeds(pg, cursors);
    if (rows.length === 0) return;
    const orders = await store.findMany([...new Set(rows.map(({ event }) => event.orderId))]);
    const readAfters = new Map(cursors.map(({ feed, after }) => [feedKey(feed), after]));
    for (const { feed, counter, event } of rows) {
      const found = orders.get(event.orderId);
      if (!found) continue;
      const order = recent.keepRead(found);
      const key = feedKey(feed);
      followers.give(key, { feed, counter, event, order }, { counter, readAfter: readAfters.get(key) ?? 0 });
    }
    if (isCut) for (const { feed } of rows) markStale(feedKey(feed));
  }

  // After an error no cursor has moved: the next poll reads the same rows.
  const onError = (error: unknown) =>
    log.warn({ err: error }, "live updates could not be read; trying again");
  const backoff = { firstMs: pollMs, maxMs: pollMs, isWakeable: true };
  const reader = pollLoop({ everyMs: pollMs, wakeup, backoff, onError }, read);

  /** Batches the reads of subscriptions that begin in one event-loop tick. */
  const orders = new DataLoader<string, Order | null>(
    async (ids) => {
      const found = await store.findMany(ids);
      return ids.map((id) => found.get(id) ?? null);
    },
    { cache: false },
  );
  return {
    /**
     * The order, from memory where that has the row of this counter: its state may then be an earlier one than Postgres has,
     * but what never changes is certain.
     */
    async find(id: string, counter: number): Promise<Order | null> {
      const known = recent.find(id);
      return known && known.counter >= counter ? known : orders.load(id);
    },
    /** The updates after the counter, until the iterator is returned or the service stops. */
    follow(feed: Feed, after: number): AsyncIterableIterator<Update> {
      const follower = followers.add(feed, after);
      const known = feed.of === "order" ? recent.feedAfter(feed.id, after) : undefined;
      if (known) {
        const { rows, order } = known;
        for (const event of rows)
          follower.give(event.counter, { feed, counter: event.counter, event, order });
      } else markStale(feedKey(feed));
      return follower;
    },
    followers: () => followers.size,
    async [Symbol.asyncDispose]() {
      unsubscribe();
      await followers.end();
      await reader[Symbol.asyncDispose]();
    },
  };
}
