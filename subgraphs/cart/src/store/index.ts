import type { Logger, Postgres } from "@shop/service";
import type { Redis } from "ioredis";
import { customerCarts } from "./customer-carts.ts";
import { guestCarts } from "./guest-carts.ts";
import { variantCache } from "./variant-cache.ts";

export type Store = Awaited<ReturnType<typeof openStore>>;

/** Opens the store: guest carts in Redis, customers' carts and the projection of variants in Postgres. */
export async function openStore(
  pg: Postgres,
  redis: Redis,
  log: Pick<Logger, "warn">,
  limits: { guestCartsPerAddress: number },
) {
  return {
    guests: guestCarts(redis, log, limits.guestCartsPerAddress),
    customers: customerCarts(pg),
    variants: await variantCache(pg, log),
  };
}
