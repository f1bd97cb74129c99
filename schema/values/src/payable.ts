import { formatAmount, minorDigits, money, type Money } from "./money.ts";

// The amounts that the payment provider takes: https://docs.stripe.com/currencies, read on 30 November 2026.

/** The currencies in which the provider charges cards. */
const charged = new Set(
  "AED AFN ALL AMD ANG AOA ARS AUD AWG AZN BAM BBD BDT BGN BHD BIF BMD BND BOB BRL BSD BWP BYN BZD CAD CDF CHF CLP CNY COP CRC CVE CZK DJF DKK DOP DZD EGP ETB EUR FJD FKP GBP GEL GIP GMD GNF GTQ GYD HKD HNL HTG HUF IDR ILS INR ISK JMD JOD JPY KES KGS KHR KMF KRW KWD KYD KZT LAK LBP LKR LRD LSL MAD MDL MGA MKD MMK MNT MOP MUR MVR MWK MXN MYR MZN NAD NGN NIO NOK NPR NZD OMR PAB PEN PGK PHP PKR PLN PYG QAR RON RSD RUB RWF SAR SBD SCR SEK SGD SHP SLE SOS SRD SZL THB TJS TND TOP TRY TTD TWD TZS UAH UGX USD UYU UZS VND VUV WST XAF XCD XCG XOF XPF YER ZAR ZMW".split(
    " ",
  ),
);

/**
 * The currencies that the provider counts otherwise than in hundredths. ISK and UGX have no decimals by ISO 4217 and are counted in hundredths there
 * all the same; MGA is the reverse. HUF and TWD are without decimals for payouts only.
 */
const countedIn = new Map<string, number>([
  ..."BIF CLP DJF GNF JPY KMF KRW MGA PYG RWF VND VUV XAF XOF XPF"
    .split(" ")
    .map((code) => [code, 0] as const),
  ..."BHD JOD KWD OMR TND".split(" ").map((code) => [code, 3] as const),
]);

/**
 * The provider's minimum charge, in its own units. In other currencies it is the worth of the account's own minimum, which
 * can't be known here: the provider itself refuses such a payment.
 */
const least: Record<string, number> = {
  ...{ AED: 200, AUD: 50, BGN: 100, BRL: 50, CAD: 50, CHF: 50, CZK: 1500, DKK: 250, EUR: 50, GBP: 30 },
  ...{ HKD: 400, HUF: 17_500, INR: 50, JPY: 50, MXN: 1000, MYR: 200, NOK: 300, NZD: 50, PLN: 200, RON: 200 },
  ...{ SEK: 300, SGD: 50, THB: 1000, USD: 50 },
};

/** The maximum charge: eight digits of the provider's units, twelve in IDR. */
const maxUnits = 99_999_999;
const most: Record<string, number> = { IDR: 999_999_999_999 };

/** Why an amount can't be paid: a code of the API's ErrorCode, and words for the customer. */
export type NotPayableReason = { code: "CURRENCY_NOT_SUPPORTED" | "AMOUNT_NOT_PAYABLE"; message: string };

/** The amount in the provider's units; a fraction, or not a safe integer, where it can't be expressed there. */
export function providerUnits({ amount, currency }: Money): number {
  return shift(amount, (countedIn.get(currency) ?? 2) - minorDigits(currency));
}

/** An amount of the provider's units as money. Throws InvalidMoney for an unknown currency. */
export function ofProviderUnits(units: number, currency: string): Money {
  return money(shift(units, minorDigits(currency) - (countedIn.get(currency) ?? 2)), currency);
}

/** Why the provider can't take this total; undefined when it can. */
export function whyNotPayable(total: Money): NotPayableReason | undefined {
  const { currency } = total;
  if (!charged.has(currency)) {
    return { code: "CURRENCY_NOT_SUPPORTED", message: `Nothing can be paid in ${currency}.` };
  }
  const units = providerUnits(total);
  const comesTo = `this one comes to ${inWords(total)}`;
  const [lowest, highest] = [least[currency] ?? 1, most[currency] ?? maxUnits];
  if (units < lowest) {
    return refusal(`The least that can be paid is ${inWords(wholeOf(lowest, currency, Math.ceil))}`, comesTo);
  }
  if (units > highest) {
    return refusal(
      `The most that can be paid at once is ${inWords(wholeOf(highest, currency, Math.floor))}`,
      comesTo,
    );
  }
  // In currencies of three decimals the provider takes only amounts whose last digit is 0.
  const isExact = Number.isSafeInteger(units) && (countedIn.get(currency) !== 3 || units % 10 === 0);
  return isExact ? undefined : refusal(`Not every amount can be paid exactly in ${currency}`, comesTo);
}

function refusal(rule: string, comesTo: string): NotPayableReason {
  return { code: "AMOUNT_NOT_PAYABLE", message: `${rule}; ${comesTo}.` };
}

/** An amount of the provider's units in this shop's, which may be larger. */
function wholeOf(units: number, currency: string, round: (amount: number) => number): Money {
  return money(round(shift(units, minorDigits(currency) - (countedIn.get(currency) ?? 2))), currency);
}

function inWords(total: Money): string {
  return `${formatAmount(total)} ${total.currency}`;
}

function shift(amount: number, digits: number): number {
  return digits >= 0 ? amount * 10 ** digits : amount / 10 ** -digits;
}
