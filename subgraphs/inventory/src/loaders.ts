import DataLoader from "dataloader";
import type { openStore } from "./store/store.ts";

/** Batches the reads of all requests, since they are the same for every caller. */
export type Loaders = ReturnType<typeof openLoaders>;

/** One set for the whole process; nothing is cached, so each read sees the stock of its moment. */
export function openLoaders(store: ReturnType<typeof openStore>) {
  return {
    unitsByVariant: batched(store.availableUnits),
    levelsByVariant: batched(store.levels),
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
