import { createWakeup, type Kit, pollLoop } from "@shop/service";
import type { Order } from "../domain/index.ts";
import { Followers } from "./followers.ts";
import { type Feed, type FeedCursor, feedKey, readFeeds } from "../store/read-feeds.ts";
import type { Store } from "../store/store.ts";
import type { TimelineEntry } from "../tables.ts";

/** A row of the timeline, its counter in the feed, and the order in its present state. */
export type Update = { feed: Feed; counter: number; event: TimelineEntry; order: Order };

/** How often every feed is read, besides on each broadcast: broadcasts may be lost, rows may not. */
const pollMs = 1_000;

type Parts = Pick<Kit<unknown>, "pg" | "bus" | "log"> & { store: Store };

/** Gives each follower the rows after its cursor, once and in order. One reader serves all followers. */
export function openLive({ pg, bus, log, store }: Parts) {
  const followers = new Followers<Update>();
  /** Keys of followed feeds that may have new rows. */
  const stale = new Set<string>();
  const wakeup = createWakeup();
  let pollAt = 0;

  const unsubscribe = bus.onBroadcast("order", "orders", (text) => {
    const { order, customer } = JSON.parse(text) as { order: string; customer: string | null };
    markStale(feedKey({ of: "order", id: order }));
    if (customer !== null) markStale(feedKey({ of: "customer", id: customer }));
  });

  function markStale(key: string) {
    if (!followers.has(key)) return;
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
      const order = orders.get(event.orderId);
      if (!order) continue;
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
  return {
    /** The updates after the counter, until the iterator is returned or the service stops. */
    follow(feed: Feed, after: number): AsyncIterableIterator<Update> {
      const follower = followers.add(feed, after);
      markStale(feedKey(feed));
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
