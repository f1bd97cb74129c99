import type { RequestInput } from "@shop/events";
import type { Deps } from "./deps.ts";
import { findShortages } from "./domain/unpaid-unit-limits.ts";

/** The requests of other services that inventory answers. */
export function requestHandlers({ store, holdRules }: Pick<Deps, "store" | "holdRules">) {
  return {
    "inventory.stock": store.stockPage,
    "inventory.flashSales": async ({ ticketId }: RequestInput<"inventory.flashSales">) => ({
      sales: [],
      ticket: ticketId === undefined ? null : { outcome: "unknown" as const },
    }),
    "inventory.unpaidLimits": async ({ lines }: RequestInput<"inventory.unpaidLimits">) => {
      const levelOf = await store.skuLevels(lines.map(({ sku }) => sku));
      const { shortages } = findShortages(lines, levelOf, "unpaid", holdRules);
      return { shortages: shortages.filter(({ isUnpaidLimit }) => isUnpaidLimit) };
    },
  };
}
