import type { Context } from "@shop/service";
import DataLoader from "dataloader";
import type { Deps } from "./deps.ts";
import type { Order } from "./domain/index.ts";
import type { OrderPage, PageInput } from "./store/list-orders.ts";
import type { TimelineEntry } from "./tables.ts";

/** Batches the reads of one event-loop tick; caches nothing, since a subscription's context lives for long. */
export function loaders({ store, lists }: Pick<Deps, "store" | "lists">) {
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
  const ordersOf = new DataLoader<{ customerId: string; args: PageInput }, OrderPage>(
    async (reads) => {
      const pages = new Map<(typeof reads)[number], OrderPage>();
      const groups = Map.groupBy(reads, ({ args }) => JSON.stringify([args.first, args.after, args.status]));
      await Promise.all(
        groups.values().map(async (group) => {
          const customerIds = group.map(({ customerId }) => customerId);
          const found = await lists.ofCustomers(customerIds, group[0]?.args ?? {});
          for (const [index, page] of found.entries()) {
            const read = group[index];
            if (read) pages.set(read, page);
          }
        }),
      );
      return reads.map((read) => pages.get(read) ?? new Error(`no page of orders for ${read.customerId}`));
    },
    { cache: false },
  );
  return { order, timeline, ordersOf };
}

export type OrderContext = Context & { load: ReturnType<typeof loaders> };
