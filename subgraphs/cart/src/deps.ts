import type { Kit } from "@shop/service";
import { openStore } from "./store/index.ts";
import { rebuildProjection } from "./use-cases/rebuild-projection.ts";
import { shippingCurrencies } from "./use-cases/request-shipping-currencies.ts";
import { shippingOptions } from "./use-cases/request-shipping-options.ts";

type Settings = { GUEST_CARTS_PER_ADDRESS: number; SHOP_COUNTRY: string; SHOP_CURRENCY: string };

/** The dependencies of resolvers, handlers and use cases. */
export type Deps = Awaited<ReturnType<typeof openDeps>>;

/** Opens the stores and begins to rebuild the projection of variants. */
export async function openDeps({ pg, redis, bus, log, config }: Kit<Settings>) {
  return {
    pg,
    bus,
    store: await openStore(pg, redis, log, { guestCartsPerAddress: config.GUEST_CARTS_PER_ADDRESS }),
    shopCountry: config.SHOP_COUNTRY,
    shopCurrency: config.SHOP_CURRENCY,
    requestShippingOptions: shippingOptions(bus),
    isShippedIn: shippingCurrencies(bus),
    rebuild: rebuildProjection({ pg, bus, log }),
  };
}
