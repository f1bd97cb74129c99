import type { PricedShippingOption } from "@shop/events";
import { add, money, times } from "@shop/values";
import { daysOnTheWay, optionIds, tariffs, type OptionId } from "./tariffs.ts";
import { zoneOf } from "./zones.ts";

const names: Record<OptionId, string> = { standard: "Standard", express: "Express" };

/** The options for a weight and a country, cheapest first; none for countries that are not served and currencies without prices. */
export function priceOptions(
  cart: { weightGrams: number; currency: string; country: string },
  now: Date,
): PricedShippingOption[] {
  const { weightGrams, currency, country } = cart;
  const zone = zoneOf(country);
  if (!zone || !Object.hasOwn(tariffs, currency)) return [];
  const furtherKilograms = Math.max(0, Math.ceil(weightGrams / 1000) - 1);
  return optionIds
    .flatMap((id) => {
      const tariff = tariffs[currency]?.[zone][id];
      if (!tariff) return [];
      const price = add(
        money(tariff.first, currency),
        times(money(tariff.further, currency), furtherKilograms),
      );
      return [{ id, name: names[id], price, estimatedDelivery: arrival(daysOnTheWay[zone][id], now) }];
    })
    .toSorted((one, other) => one.price.amount - other.price.amount);
}

/** The arrival of a parcel that is ordered now; undefined for countries that are not served and unknown options. */
export function estimateDelivery(optionId: string, country: string, now: Date): string | undefined {
  const zone = zoneOf(country);
  const option = optionIds.find((id) => id === optionId);
  return zone && option && arrival(daysOnTheWay[zone][option], now);
}

/** Parcels come until six in the evening. */
function arrival(days: number, now: Date): string {
  const day = new Date(now);
  day.setUTCDate(day.getUTCDate() + days);
  day.setUTCHours(18, 0, 0, 0);
  return day.toISOString();
}
