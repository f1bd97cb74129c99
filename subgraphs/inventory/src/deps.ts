import type { Kit } from "@shop/service";
import { openLoaders } from "./loaders.ts";
import { openStore } from "./store/store.ts";

type Settings = { UNPAID_SHARE_PERCENT: number; UNPAID_SHARE_UNITS: number; UNPAID_LAST_UNITS: number };

/** The dependencies of resolvers, handlers and use cases. */
export type Deps = ReturnType<typeof openDeps>;

/** Opens the store and the loaders, and reads the limits of unpaid orders. */
export function openDeps({ pg, config }: Pick<Kit<Settings>, "pg" | "config">) {
  const store = openStore(pg);
  const holdRules = {
    percent: config.UNPAID_SHARE_PERCENT,
    units: config.UNPAID_SHARE_UNITS,
    lastUnits: config.UNPAID_LAST_UNITS,
  };
  return { store, loaders: openLoaders(store), holdRules };
}
