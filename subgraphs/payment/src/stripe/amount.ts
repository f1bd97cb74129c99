import { ofProviderUnits, providerUnits, whyNotPayable, type Money } from "@shop/values";

/** Thrown for an amount that Stripe doesn't take, with words for the customer. */
export class NotPayable extends Error {}

/** Our minor units in Stripe's. */
export function toStripe(total: Money): { amount: number; currency: string } {
  const reason = whyNotPayable(total);
  if (reason) throw new NotPayable(reason.message);
  return { amount: providerUnits(total), currency: total.currency.toLowerCase() };
}

/** Stripe's units in our minor ones. */
export function fromStripe(amount: number, code: string): Money {
  return ofProviderUnits(amount, code.toUpperCase());
}
