import type { Kit } from "@shop/service";
import type { Carrier } from "./carrier/carrier.ts";
import { openLoaders } from "./loaders.ts";
import { openStore } from "./store.ts";

type Settings = { CARRIER_PATIENCE_HOURS: number };

/** The dependencies of resolvers, handlers, tasks and use cases. */
export type Deps = ReturnType<typeof openDeps>;

/** Opens the store and the loaders. */
export function openDeps(
  { pg, bus, log, config, isReadable }: Pick<Kit<Settings>, "pg" | "bus" | "log" | "config" | "isReadable">,
  carrier: Carrier,
) {
  const store = openStore(pg);
  const loaders = openLoaders(store);
  return { pg, bus, log, isReadable, carrier, store, loaders, patienceHours: config.CARRIER_PATIENCE_HOURS };
}
