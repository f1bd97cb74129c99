import { minorDigits, type Money } from "@shop/values";

/** Thrown for an amount that Stripe's smallest unit of the currency can't express. */
export class NotPayable extends Error {}

// https://docs.stripe.com/currencies (read on 30 November 2026): where Stripe counts otherwise than in hundredths. ISK and UGX
// have no decimals by ISO 4217 and are counted in hundredths there all the same; MGA is the reverse. HUF and TWD are without
// decimals for payouts only. Which currency has how many decimals for us is ISO's table in `@shop/values`.
const digitsAtStripe: Record<string, number | undefined> = {
  ...Object.fromEntries(
    "BIF CLP DJF GNF JPY KMF KRW MGA PYG RWF VND VUV XAF XOF XPF".split(" ").map((code) => [code, 0]),
  ),
  ...Object.fromEntries("BHD JOD KWD OMR TND".split(" ").map((code) => [code, 3])),
};

/** Our minor units in Stripe's. */
export function toStripe({ amount, currency }: Money): { amount: number; currency: string } {
  const atStripe = digitsAtStripe[currency] ?? 2;
  const scaled = shift(amount, atStripe - minorDigits(currency));
  // Of three decimals Stripe takes only amounts whose last digit is 0.
  if (!Number.isSafeInteger(scaled) || (atStripe === 3 && scaled % 10 !== 0)) {
    throw new NotPayable(`The amount can't be paid exactly in ${currency}.`);
  }
  return { amount: scaled, currency: currency.toLowerCase() };
}

/** Stripe's units in our minor ones. */
export function fromStripe(amount: number, code: string): Money {
  const currency = code.toUpperCase();
  return { amount: shift(amount, minorDigits(currency) - (digitsAtStripe[currency] ?? 2)), currency };
}

function shift(amount: number, digits: number): number {
  return digits >= 0 ? amount * 10 ** digits : amount / 10 ** -digits;
}
