import type { Kit } from "@shop/service";
import { openGate } from "./gate/flash-gate.ts";
import { redisGuard } from "./gate/redis-guard.ts";
import { openChanges } from "./live/changes.ts";
import { openFlashLive } from "./live/flash-live.ts";
import { openStockLive } from "./live/stock-live.ts";
import { openLoaders } from "./loaders.ts";
import { openFlashSales } from "./store/flash-sales.ts";
import { openStore } from "./store/store.ts";
import { batchEntries } from "./use-cases/batch-entries.ts";

type Settings = { UNPAID_SHARE_PERCENT: number; UNPAID_SHARE_UNITS: number; UNPAID_LAST_UNITS: number };

/** The dependencies of resolvers, handlers and use cases. */
export type Deps = ReturnType<typeof openDeps>;

/** Opens the store, the gate, live updates and loaders, and reads the limits of unpaid orders. */
export function openDeps({ pg, redis, bus, log, signal, config }: Kit<Settings>) {
  const store = openStore(pg);
  const sales = openFlashSales(pg);
  const guard = redisGuard(log);
  const gate = openGate(redis, guard);
  const flash = openFlashLive({ store: sales, gate, bus, log });
  const stock = openStockLive({ store, redis, guard, bus, log });
  const holdRules = {
    percent: config.UNPAID_SHARE_PERCENT,
    units: config.UNPAID_SHARE_UNITS,
    lastUnits: config.UNPAID_LAST_UNITS,
  };
  return {
    ...{ pg, log, signal, store, sales, gate, flash, stock, holdRules },
    loaders: openLoaders({ store, sales, stock }),
    changes: openChanges({ flash, stock }),
    entries: batchEntries({ pg, gate, flash }),
  };
}
