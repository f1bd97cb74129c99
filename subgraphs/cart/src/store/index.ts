import type { Logger, Postgres } from "@shop/service";
import type { Redis } from "ioredis";

import { customerCarts } from "./customer-carts.ts";
import { guestCarts } from "./guest-carts.ts";
import { variantCache } from "./variant-cache.ts";

export type Store = Awaited<ReturnType<typeof openStore>>;

/** The only door to cart's data: guests' carts, customers' carts, and what is known of variants. */
export async function openStore(
  pg: Postgres,
  redis: Redis,
  log: Pick<Logger, "warn">,
  bounds: { guestCartsPerAddress: number },
) {
  return {
    guests: guestCarts(redis, log, bounds.guestCartsPerAddress),
    customers: customerCarts(pg),
    variants: await variantCache(pg, log),
  };
}
