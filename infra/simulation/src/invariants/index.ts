import type { Shop } from "../shop.ts";
import { endsOnce } from "./terminal-states.ts";
import { moneyAgrees } from "./money.ts";
import { parcelsAgree } from "./parcels.ts";
import { stockAgrees, stockIsKnown } from "./stock.ts";
import { timelineIsWhole } from "./timeline.ts";

export { stockAddsUp, unitsOf } from "./stock.ts";

/**
 * The violations of a shop that has come to rest, each with the invariant's number (infra/docs/invariants.md); empty when all hold.
 * `isReliable`: no event got lost, so every service knows every event.
 */
export function violations(shop: Shop, { isReliable }: { isReliable: boolean }): string[] {
  return [
    ...[...shop.orders.values()].flatMap((order) => [
      ...endsOnce(shop, order),
      ...moneyAgrees(shop, order, isReliable),
      ...stockAgrees(shop, order),
      ...timelineIsWhole(shop, order, isReliable),
      ...parcelsAgree(shop, order),
    ]),
    ...stockIsKnown(shop),
  ];
}
