import type { Kit } from "@shop/service";
import { openLive } from "./live/live-updates.ts";
import { orderTokens } from "./order-token.ts";
import { readLimits, type Settings } from "./settings.ts";
import { openLists } from "./store/list-orders.ts";
import { openStore } from "./store/store.ts";
import { openSagaPace } from "./use-cases/checkout/saga-pace.ts";

/** The dependencies of resolvers, handlers and use cases. */
export type Deps = ReturnType<typeof openDeps>;

/** Opens the store, its lists and the live updates. */
export function openDeps(kit: Kit<Settings>) {
  const { pg, bus, log, signal, config } = kit;
  const limits = readLimits(config);
  const store = openStore({ pg, bus }, limits);
  return {
    ...{ pg, bus, log, signal, store, rules: limits.rules },
    pace: openSagaPace(),
    sealFor: kit.sealFor,
    proveTo: kit.proveTo,
    lists: openLists(pg),
    live: openLive({ pg, bus, log, store }),
    tokens: orderTokens(config.ORDER_TOKEN_KEYS),
  };
}
