import DataLoader from "dataloader";
import type { openFlashSales, Ticket } from "./store/flash-sales.ts";
import type { openStore } from "./store/store.ts";

/** Batches the reads of all requests, since they are the same for every caller. */
export type Loaders = ReturnType<typeof openLoaders>;

type Parts = {
  store: Pick<ReturnType<typeof openStore>, "levels">;
  sales: ReturnType<typeof openFlashSales>;
  stock: { unitsOf(variantIds: readonly string[]): Promise<number[]> };
};

/** One set for the whole process; nothing is cached, so each read sees the stock of its moment. */
export function openLoaders({ store, sales, stock }: Parts) {
  return {
    unitsByVariant: batched(stock.unitsOf),
    levelsByVariant: batched(store.levels),
    ticketById: batched(async (ids: string[]): Promise<(Ticket | undefined)[]> => {
      const found = new Map((await sales.findTickets(ids)).map((ticket) => [ticket.id, ticket]));
      return ids.map((id) => found.get(id));
    }),
    /** Of `<customer> <sale>`: the customer's latest ticket of the sale. */
    latestTicket: batched(async (keys: string[]): Promise<(Ticket | undefined)[]> => {
      const wanted = Map.groupBy(keys, (key) => key.slice(0, key.indexOf(" ")));
      const found = await Promise.all(
        wanted.entries().map(([customer, its]) =>
          sales.latestTickets(
            customer,
            its.map((key) => key.slice(customer.length + 1)),
          ),
        ),
      );
      const byKey = new Map(found.flat().map((ticket) => [`${ticket.customerId} ${ticket.saleId}`, ticket]));
      return keys.map((key) => byKey.get(key));
    }),
  };
}

/** Reads all ids of one turn of the event loop at once, each of them once. */
function batched<Found>(find: (distinctIds: string[]) => Promise<Found[]>): DataLoader<string, Found> {
  return new DataLoader(
    async (ids) => {
      const distinct = [...new Set(ids)];
      const found = await find(distinct);
      const byId = new Map(distinct.map((id, at) => [id, found[at] as Found]));
      return ids.map((id) => byId.get(id) as Found);
    },
    { cache: false, maxBatchSize: 1_000, batchScheduleFn: (run) => setImmediate(run) },
  );
}
