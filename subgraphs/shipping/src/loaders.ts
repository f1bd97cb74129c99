import DataLoader from "dataloader";
import type { openStore, ShipmentView } from "./store.ts";

/** Batches the reads of all requests; only ids that the caller may read are loaded. */
export type Loaders = ReturnType<typeof openLoaders>;

/** One set for the whole process; nothing is cached. */
export function openLoaders({ findShipments }: ReturnType<typeof openStore>) {
  return {
    shipmentById: new DataLoader<string, ShipmentView | undefined>(findShipments, {
      cache: false,
      maxBatchSize: 1_000,
      batchScheduleFn: (run) => setImmediate(run),
    }),
  };
}
