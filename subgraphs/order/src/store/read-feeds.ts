import type { Postgres } from "@shop/service";
import { timelineColumns, type TimelineEntry } from "../tables.ts";

/** The timeline rows of one order, or of all orders of a customer; a cursor counts them. */
export type Feed = { of: "order" | "customer"; id: string };

/** A feed with the cursor that it is read from. */
export type FeedCursor = { feed: Feed; after: number };

type FeedRow = { feed: Feed; counter: number; event: TimelineEntry };

type FlatRow = TimelineEntry & { of: Feed["of"]; feedId: string; feedCounter: number };

/** Rows read of one feed at a time; the rest of a longer feed is read right after. */
const maxRows = 200;

/** A feed's key in a map. */
export const feedKey = ({ of, id }: Feed) => `${of} ${id}`;

/** The rows of all these feeds after their cursors, in order, in one statement. */
export async function readFeeds(
  { sql }: Pick<Postgres, "sql">,
  cursors: readonly FeedCursor[],
): Promise<{ rows: FeedRow[]; isCut: boolean }> {
  const orders = cursorsOf(cursors, "order");
  const customers = cursorsOf(cursors, "customer");
  const columns = sql.unsafe(timelineColumns);
  const flat = await sql<FlatRow[]>`
    select 'order' as of, feed.id as "feedId", found.counter as "feedCounter", found.*
    from unnest(${[...orders.keys()]}::text[], ${[...orders.values()]}::int[]) as feed (id, after)
    cross join lateral (
      select ${columns} from order_events e
      where e.order_id = feed.id and e.counter > feed.after order by e.counter limit ${maxRows}
    ) found
    union all
    select 'customer', feed.id, found.customer_counter, found."orderId", found.counter, found.type, found.status,
      found.message, found."occurredAt"
    from unnest(${[...customers.keys()]}::text[], ${[...customers.values()]}::int[]) as feed (id, after)
    cross join lateral (
      select ${columns}, customer_counter from order_events e
      where e.customer_id = feed.id and e.customer_counter > feed.after order by e.customer_counter limit ${maxRows}
    ) found
    order by 1, 2, 3`;
  const rows = flat.map(({ of, feedId, feedCounter, ...event }) => ({
    feed: { of, id: feedId },
    counter: feedCounter,
    event,
  }));
  const sizes = Map.groupBy(rows, ({ feed }) => feedKey(feed));
  return { rows, isCut: [...sizes.values()].some(({ length }) => length >= maxRows) };
}

function cursorsOf(cursors: readonly FeedCursor[], of: Feed["of"]): Map<string, number> {
  return new Map(cursors.filter(({ feed }) => feed.of === of).map(({ feed, after }) => [feed.id, after]));
}
