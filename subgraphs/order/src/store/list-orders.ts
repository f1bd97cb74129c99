import type { Postgres } from "@shop/service";
import { decodeCursor, encodeCursor, InvalidPage, type Page, pageOf, pageSize } from "@shop/values";
import type { Order, OrderStatus } from "../domain/index.ts";
import { orderColumns, type OrderRow } from "../tables.ts";
import { fitting, type OrderFilters } from "./order-filters.ts";
import { toOrder } from "./order-rows.ts";

/**
 * A page of orders; the list's total is counted only when the query selects it. `feed` is where the customer's feed stood
 * when a list of theirs was read.
 */
export type OrderPage = Omit<Page<Order>, "totalCount"> & {
  totalCount: () => Promise<number>;
  feed: { customerId: string; counter: number } | null;
};

type Given<T> = T | null | undefined;
/** The arguments of a list of orders. */
export type PageInput = { first?: Given<number>; after?: Given<string>; status?: Given<OrderStatus> };

type FeedColumns = { feedId: string; feedCounter: number };

/** Pages of orders, newest first: ids are ordered by time, so this is their descending order. */
export function openLists({ sql }: Pick<Postgres, "sql">) {
  const columns = sql.unsafe(orderColumns);
  const withStatus = (status: PageInput["status"]) => (status ? sql`and o.status = ${status}` : sql``);
  const behind = (after: PageInput["after"]) => (after ? sql`and o.id < ${idOf(after)}` : sql``);

  return {
    /** All orders, or those that fit the filters. */
    async all(args: PageInput & OrderFilters): Promise<OrderPage> {
      const size = pageSize(args.first);
      const fits = sql`true ${withStatus(args.status)} ${fitting(sql, args)}`;
      const rows = await sql<OrderRow[]>`
        select ${columns} from orders o where ${fits} ${behind(args.after)}
        order by o.id desc limit ${size + 1}`;
      return toPage(rows.map(toOrder), size, args.after, async () => {
        const [row] = await sql<
          { count: number }[]
        >`select count(*)::int as count from orders o where ${fits}`;
        return row?.count ?? 0;
      });
    },

    /** One page for each customer, in one statement; their totals likewise, if one is selected. */
    async ofCustomers(customerIds: readonly string[], args: PageInput): Promise<OrderPage[]> {
      const size = pageSize(args.first);
      const ids = [...customerIds];
      // In one statement, so that no change lies between a customer's page and their feed's counter.
      const rows = await sql<(OrderRow & FeedColumns)[]>`
        select customer.id as "feedId", coalesce(f.counter, 0) as "feedCounter", page.*
        from unnest(${ids}::text[]) as customer (id)
        left join customer_feeds f on f.customer_id = customer.id
        left join lateral (
          select ${columns} from orders o where o.customer_id = customer.id ${withStatus(args.status)} ${behind(args.after)}
          order by o.id desc limit ${size + 1}
        ) page on true order by page.id desc`;
      const counters = new Map(rows.map(({ feedId, feedCounter }) => [feedId, feedCounter]));
      let counts: Promise<Map<string, number>> | undefined;
      const count = async () => {
        const counted = await sql<{ id: string; count: number }[]>`
          select customer_id as id, count(*)::int as count from orders o
          where customer_id = any(${ids}) ${withStatus(args.status)} group by 1`;
        return new Map(counted.map((row) => [row.id, row.count]));
      };
      // A customer without orders has a row for their feed alone.
      const found = rows.filter((row) => row.id !== null).map(toOrder);
      const byCustomer = Map.groupBy(found, (order) => order.customerId);
      return customerIds.map((id) =>
        toPage(
          byCustomer.get(id) ?? [],
          size,
          args.after,
          async () => (await (counts ??= count())).get(id) ?? 0,
          { customerId: id, counter: counters.get(id) ?? 0 },
        ),
      );
    },
  };
}

function toPage(
  rows: Order[],
  size: number,
  after: PageInput["after"],
  totalCount: OrderPage["totalCount"],
  feed: OrderPage["feed"] = null,
): OrderPage {
  const cursorOf = (order: Order) => encodeCursor([order.id]);
  return { ...pageOf({ rows, size, after, totalCount: 0, cursorOf }), totalCount, feed };
}

function idOf(cursor: string): string {
  const [id] = decodeCursor(cursor, ["string"]);
  if (!/^ord_\w{1,60}$/.test(String(id))) {
    throw new InvalidPage("after", '"after" must be a cursor that this list gave');
  }
  return String(id);
}
