import { bell, type Kit } from "@shop/service";
import { Follower } from "./follower.ts";
import type { Order } from "./domain/index.ts";
import { isSameFeed, type Feed, readFeeds } from "./read-feeds.ts";
import type { TimelineEntry } from "./rows.ts";
import type { Store } from "./store.ts";

/** One step in an order's life, its place in the feed, and the order as it stands now. */
export type Update = { feed: Feed; counter: number; event: TimelineEntry; order: Order };

/** How often every feed is read, besides on each announcement: announcements may be lost, rows may not. */
const pollMs = 1_000;

/** A follower this far behind in taking what it was given is left alone until it has. */
const mostWaiting = 500;

/** Hands each follower the rows after its cursor, once and in order. One reader serves all of them. */
export function openLive({ kit, store }: { kit: Pick<Kit<unknown>, "pg" | "bus" | "log">; store: Store }) {
  const followers = new Set<Follower<Update>>();
  const announced = new Set<string>();
  const { ring, wait } = bell();
  const closing = new AbortController();
  let pollAt = 0;

  const stopHearing = kit.bus.onAnnounce("order", "orders", (text) => {
    const { order, customer } = JSON.parse(text) as { order: string; customer: string | null };
    announced.add(order);
    if (customer !== null) announced.add(customer);
    if (followers.size > 0) ring();
  });

  async function run() {
    while (!closing.signal.aborted) {
      await wait(Math.max(1, pollAt - Date.now()));
      const isPoll = Date.now() >= pollAt;
      if (isPoll) pollAt = Date.now() + pollMs;
      const asked = [...followers].filter(
        ({ feed, waiting }) => waiting < mostWaiting && (isPoll || announced.has(feed.id)),
      );
      announced.clear();
      if (asked.length === 0) continue;
      await serve(asked).catch((error: unknown) => {
        // Nobody has moved on: the next poll reads the same rows.
        kit.log.warn({ err: error }, "live updates could not be read; trying again");
      });
    }
  }

  async function serve(asked: Follower<Update>[]) {
    const { rows, isCut } = await readFeeds(
      kit.pg,
      asked.map(({ feed, after }) => ({ feed, after })),
    );
    if (rows.length === 0) return;
    const orders = await store.findMany([...new Set(rows.map(({ event }) => event.orderId))]);
    for (const { feed, counter, event } of rows) {
      const order = orders.get(event.orderId);
      if (!order) continue;
      for (const follower of asked) {
        if (isSameFeed(follower.feed, feed)) follower.give(counter, { feed, counter, event, order });
      }
    }
    if (isCut) {
      for (const { feed } of rows) announced.add(feed.id);
      ring();
    }
  }

  const running = run();
  return {
    /** What comes after the counter, from now until the iterator is returned or the service stops. */
    follow(feed: Feed, after: number): AsyncIterableIterator<Update> {
      const follower = new Follower<Update>(feed, after, () => followers.delete(follower));
      followers.add(follower);
      announced.add(feed.id);
      ring();
      return follower;
    },
    followers: () => followers.size,
    async [Symbol.asyncDispose]() {
      closing.abort();
      stopHearing();
      for (const follower of followers) await follower.return();
      ring();
      await running;
    },
  };
}

export type Live = ReturnType<typeof openLive>;
