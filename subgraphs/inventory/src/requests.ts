import type { RequestInput } from "@shop/events";
import type { Identity } from "@shop/service";
import type { Deps } from "./deps.ts";
import { findShortages } from "./domain/unpaid-unit-limits.ts";

import { plannedSaleOf } from "./store/flash-sales.ts";
import { quoteFlashSales } from "./use-cases/quote-flash-sales.ts";

/** The requests of other services that inventory answers. */
export function requestHandlers(deps: Pick<Deps, "pg" | "store" | "sales" | "holdRules">) {
  const { store, holdRules } = deps;
  return {
    "inventory.stock": store.stockPage,
    "inventory.plannedSales": async () => {
      const planned = await deps.sales.plannedSales();
      return { sales: planned.map((sale) => ({ ...plannedSaleOf(sale), version: sale.version })) };
    },
    "inventory.flashSales": (input: RequestInput<"inventory.flashSales">, identity: Identity) =>
      quoteFlashSales(deps, input, identity),
    "inventory.unpaidLimits": async ({ lines }: RequestInput<"inventory.unpaidLimits">) => {
      const levelOf = await store.skuLevels(lines.map(({ sku }) => sku));
      const { shortages } = findShortages(lines, levelOf, "unpaid", holdRules);
      return { shortages: shortages.filter(({ isUnpaidLimit }) => isUnpaidLimit) };
    },
  };
}
