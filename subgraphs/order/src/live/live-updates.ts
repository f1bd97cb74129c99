import { createWakeup, type Kit } from "@shop/service";
import type { Order } from "../domain/index.ts";
import { Followers } from "./followers.ts";
import { feedKey, type Feed, readFeeds } from "../store/read-feeds.ts";
import type { TimelineEntry } from "../store/order-rows.ts";
import type { Store } from "../store/store.ts";

/** One step in an order's life, its place in the feed, and the order as it stands now. */
export type Update = { feed: Feed; counter: number; event: TimelineEntry; order: Order };

/** How often every feed is read, besides on each announcement: announcements may be lost, rows may not. */
const pollMs = 1_000;

/** Hands each follower the rows after its cursor, once and in order. One reader serves all of them. */
export function openLive({ kit, store }: { kit: Pick<Kit<unknown>, "pg" | "bus" | "log">; store: Store }) {
  const followers = new Followers<Update>();
  /** Keys of followed feeds that may have new rows. */
  const announced = new Set<string>();
  const { wake, wait } = createWakeup();
  const closing = new AbortController();
  let pollAt = 0;

  const stopHearing = kit.bus.onBroadcast("order", "orders", (text) => {
    const { order, customer } = JSON.parse(text) as { order: string; customer: string | null };
    broadcast(feedKey({ of: "order", id: order }));
    if (customer !== null) broadcast(feedKey({ of: "customer", id: customer }));
  });

  function broadcast(key: string) {
    if (!followers.has(key)) return;
    announced.add(key);
    wake();
  }

  async function run() {
    while (!closing.signal.aborted) {
      await wait(Math.max(1, pollAt - Date.now()));
      const isPoll = Date.now() >= pollAt;
      if (isPoll) pollAt = Date.now() + pollMs;
      const asked = isPoll ? followers.toRead() : followers.toRead(announced);
      announced.clear();
      if (asked.length === 0) continue;
      await serve(asked).catch((error: unknown) => {
        // Nobody has moved on: the next poll reads the same rows.
        kit.log.warn({ err: error }, "live updates could not be read; trying again");
      });
    }
  }

  async function serve(asked: { feed: Feed; after: number }[]) {
    const { rows, isCut } = await readFeeds(kit.pg, asked);
    if (rows.length === 0) return;
    const orders = await store.findMany([...new Set(rows.map(({ event }) => event.orderId))]);
    const readAfters = new Map(asked.map(({ feed, after }) => [feedKey(feed), after]));
    for (const { feed, counter, event } of rows) {
      const order = orders.get(event.orderId);
      if (!order) continue;
      const key = feedKey(feed);
      followers.give(key, { feed, counter, event, order }, { counter, readAfter: readAfters.get(key) ?? 0 });
    }
    if (isCut) for (const { feed } of rows) broadcast(feedKey(feed));
  }

  const running = run();
  return {
    /** What comes after the counter, from now until the iterator is returned or the service stops. */
    follow(feed: Feed, after: number): AsyncIterableIterator<Update> {
      const follower = followers.add(feed, after);
      broadcast(feedKey(feed));
      return follower;
    },
    followers: () => followers.size,
    async [Symbol.asyncDispose]() {
      closing.abort();
      stopHearing();
      await followers.end();
      wake();
      await running;
    },
  };
}

export type Live = ReturnType<typeof openLive>;
