import type { Money } from "@shop/values";

/** A planned flash sale in cart's projection. */
export type PlannedSale = {
  startsAt: string;
  endsAt: string;
  outsideSale: "ORDINARY" | "NOT_FOR_SALE";
  version: number;
};

/** The sales of a variant by their ids. */
export type PlannedSales = Readonly<Record<string, PlannedSale>>;

/** What a flash-sale ticket buys: one unit of this SKU, at the sale's price. */
export type FlashPrice = { sku: string; price: Money };

/** How a variant with flash sales is bought now: with a ticket of this sale; or not at all. */
export type SaleRule = { saleId: string; isRunning: boolean };

/**
 * The sale that rules a variant at a moment: the one that runs, else the one that begins last, if it keeps the variant off sale
 * outside its time. Inventory answers the same by its own clock, which counts at a checkout.
 */
export function saleRuleOf(sales: PlannedSales, now: Date): SaleRule | undefined {
  const byStart = Object.entries(sales).toSorted(
    ([, one], [, other]) => Date.parse(other.startsAt) - Date.parse(one.startsAt),
  );
  const running = byStart.find(
    ([, { startsAt, endsAt }]) => now >= new Date(startsAt) && now < new Date(endsAt),
  );
  if (running) return { saleId: running[0], isRunning: true };
  const [latest] = byStart;
  return latest?.[1].outsideSale === "NOT_FOR_SALE" ? { saleId: latest[0], isRunning: false } : undefined;
}
