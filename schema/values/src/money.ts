import { decimalsOfCurrencies } from "./currencies.ts";

/**
 * An amount of money in the currency's minor units, always a safe integer: `{ amount: 1999, currency: "USD" }` is 19.99 USD.
 */
export type Money = { readonly amount: number; readonly currency: string };

/** Thrown by every function of this file on a value that is not money: not a number, too large, unknown currency, mixed currencies. */
export class InvalidMoney extends Error {
  override readonly name = "InvalidMoney";
}

/** Whether the text is a known ISO 4217 code in capitals, of the table in `currencies.ts`. */
export function isCurrency(code: string): boolean {
  return decimalsOfCurrencies.has(code);
}

/** How many decimals the currency has by ISO 4217: 2 for USD, 0 for JPY, 3 for KWD. Throws InvalidMoney for an unknown code. */
export function minorDigits(currency: string): number {
  const digits = decimalsOfCurrencies.get(currency);
  if (digits === undefined) {
    throw new InvalidMoney(`expected an ISO 4217 code such as USD, got "${currency.slice(0, 40)}"`);
  }
  return digits;
}

/** Makes money of minor units. Throws InvalidMoney unless the amount is a safe integer and the currency known. */
export function money(amount: number, currency: string): Money {
  if (!Number.isSafeInteger(amount))
    throw new InvalidMoney(`expected a safe integer of minor units, got ${amount}`);
  minorDigits(currency);
  return { amount, currency };
}

/** Reads an exact decimal such as "19.99". Throws InvalidMoney on any other form, too many decimals, or too large a number. */
export function parseMoney(decimal: string, currency: string): Money {
  const digits = minorDigits(currency);
  const match = /^(-?)(\d{1,16})(?:\.(\d+))?$/.exec(decimal);
  if (!match) throw new InvalidMoney(`expected a decimal such as "19.99", got "${decimal.slice(0, 40)}"`);
  const [, sign = "", whole = "0", fraction = ""] = match;
  const kept = fraction.slice(0, digits).padEnd(digits, "0");
  if (/[1-9]/.test(fraction.slice(digits))) {
    throw new InvalidMoney(`${currency} has ${digits} decimals, got "${decimal.slice(0, 40)}"`);
  }
  const amount = Number(whole + kept);
  return money(sign && amount !== 0 ? -amount : amount, currency);
}

/** The amount as an exact decimal with all of the currency's decimals: "19.90". */
export function formatAmount({ amount, currency }: Money): string {
  const digits = minorDigits(currency);
  const sign = amount < 0 ? "-" : "";
  const text = String(Math.abs(amount)).padStart(digits + 1, "0");
  return digits === 0 ? sign + text : `${sign}${text.slice(0, -digits)}.${text.slice(-digits)}`;
}

/** Nothing, in a currency. */
export function zero(currency: string): Money {
  return money(0, currency);
}

/** Sum of all; at least one is needed, in one currency. */
export function add(first: Money, ...rest: readonly Money[]): Money {
  let amount = first.amount;
  for (const next of rest) amount += inSameCurrency(first, next).amount;
  return money(amount, first.currency);
}

/** `from` less `what`; may be negative. */
export function subtract(from: Money, what: Money): Money {
  return money(from.amount - inSameCurrency(from, what).amount, from.currency);
}

/** A price times a whole quantity: exact, never rounded. */
export function times(price: Money, quantity: number): Money {
  if (!Number.isSafeInteger(quantity)) throw new InvalidMoney(`expected a whole quantity, got ${quantity}`);
  return money(price.amount * quantity, price.currency);
}

/** The part `numerator / denominator` of an amount, rounded half-even to a minor unit: the only place where money is rounded. */
export function share(of: Money, numerator: number, denominator: number): Money {
  if (!Number.isSafeInteger(numerator) || !Number.isSafeInteger(denominator) || denominator <= 0) {
    throw new InvalidMoney(`expected a whole fraction, got ${numerator}/${denominator}`);
  }
  const product = BigInt(of.amount) * BigInt(numerator);
  const by = BigInt(denominator);
  const floor = product / by - (product % by < 0n ? 1n : 0n);
  const twice = 2n * (product - floor * by);
  const up = twice > by || (twice === by && floor % 2n !== 0n);
  return money(Number(floor + (up ? 1n : 0n)), of.currency);
}

/** Whether both are the same amount of the same currency. */
export function isSameMoney(one: Money, other: Money): boolean {
  return one.amount === other.amount && one.currency === other.currency;
}

function inSameCurrency(one: Money, other: Money): Money {
  if (one.currency !== other.currency)
    throw new InvalidMoney(`expected ${one.currency}, got ${other.currency}`);
  return other;
}
