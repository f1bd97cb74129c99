import type { Context } from "@shop/service";
import DataLoader from "dataloader";
import type { Order } from "./domain/index.ts";
import type { Lists, OrderPage, PageArgs } from "./store/list-orders.ts";
import type { TimelineEntry } from "./store/order-rows.ts";
import type { Store } from "./store/store.ts";

/** Batches what the resolvers of one tick ask for; keeps nothing, since a subscription's context lives for long. */
export function loaders({ store, lists }: { store: Store; lists: Lists }) {
  const order = new DataLoader<string, Order | null>(
    async (ids) => {
      const orders = await store.findMany(ids);
      return ids.map((id) => orders.get(id) ?? null);
    },
    { cache: false },
  );
  const timeline = new DataLoader<string, TimelineEntry[]>(
    async (ids) => {
      const timelines = await store.timelines(ids);
      return ids.map((id) => timelines.get(id) ?? []);
    },
    { cache: false },
  );
  const ordersOf = new DataLoader<{ customerId: string; args: PageArgs }, OrderPage>(
    async (asked) => {
      const pages = new Map<string, Promise<OrderPage[]>>();
      const keyOf = ({ args }: (typeof asked)[number]) =>
        JSON.stringify([args.first, args.after, args.status]);
      const groups = Map.groupBy(asked, keyOf);
      for (const [key, [first, ...rest]] of groups) {
        if (first)
          pages.set(
            key,
            lists.ofCustomers(
              [first, ...rest].map((one) => one.customerId),
              first.args,
            ),
          );
      }
      return Promise.all(
        asked.map(async (one) => {
          const group = groups.get(keyOf(one)) ?? [];
          const page = (await pages.get(keyOf(one)))?.[group.indexOf(one)];
          return page ?? new Error(`no page of orders for ${one.customerId}`);
        }),
      );
    },
    { cache: false },
  );
  return { order, timeline, ordersOf };
}

export type OrderContext = Context & { load: ReturnType<typeof loaders> };
