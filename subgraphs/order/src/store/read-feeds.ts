import type { Postgres } from "@shop/service";
import type { TimelineEntry } from "./order-rows.ts";

/** What a cursor counts in: one order's timeline, or all of a customer's. */
export type Feed = { of: "order" | "customer"; id: string };

type FeedRow = { feed: Feed; counter: number; event: TimelineEntry };

type FlatRow = TimelineEntry & { of: Feed["of"]; feedId: string; feedCounter: number };

/** Rows read of one feed at a time; a longer feed is read on at once. */
const mostRows = 200;

/** A feed's name in a map. */
export const feedKey = ({ of, id }: Feed) => `${of} ${id}`;

/** The rows of all these feeds after their cursors, in order, in one statement. */
export async function readFeeds(
  { sql }: Pick<Postgres, "sql">,
  asked: readonly { feed: Feed; after: number }[],
): Promise<{ rows: FeedRow[]; isCut: boolean }> {
  const orders = cursorsOf(asked, "order");
  const customers = cursorsOf(asked, "customer");
  const columns = sql`order_id as "orderId", counter, type, status, message, occurred_at as "occurredAt"`;
  const flat = await sql<FlatRow[]>`
    select 'order' as of, feed.id as "feedId", found.counter as "feedCounter", found.*
    from unnest(${[...orders.keys()]}::text[], ${[...orders.values()]}::int[]) as feed (id, after)
    cross join lateral (
      select ${columns} from order_events e
      where e.order_id = feed.id and e.counter > feed.after order by e.counter limit ${mostRows}
    ) found
    union all
    select 'customer', feed.id, found.customer_counter, found."orderId", found.counter, found.type, found.status,
      found.message, found."occurredAt"
    from unnest(${[...customers.keys()]}::text[], ${[...customers.values()]}::int[]) as feed (id, after)
    cross join lateral (
      select ${columns}, customer_counter from order_events e
      where e.customer_id = feed.id and e.customer_counter > feed.after order by e.customer_counter limit ${mostRows}
    ) found
    order by 1, 2, 3`;
  const rows = flat.map(({ of, feedId, feedCounter, ...event }) => ({
    feed: { of, id: feedId },
    counter: feedCounter,
    event,
  }));
  const sizes = Map.groupBy(rows, ({ feed }) => feedKey(feed));
  return { rows, isCut: [...sizes.values()].some(({ length }) => length >= mostRows) };
}

function cursorsOf(asked: readonly { feed: Feed; after: number }[], of: Feed["of"]): Map<string, number> {
  return new Map(asked.filter(({ feed }) => feed.of === of).map(({ feed, after }) => [feed.id, after]));
}
