// ISO 4217, list one (the agency's table A.1, published by SIX), as amended up to No. 180 (in force since 1 January 2026);
// read on 30 November 2026. Left out: codes without minor units (precious metals, XDR, XSU, XUA, XTS, XXX), which nothing
// has a price in. The numbers are decided here and never by the JavaScript runtime, whose data (CLDR) differs from ISO and
// changes between its releases: an amount that was stored as 500 would be read as 5.00.
const withDecimals: Record<number, string> = {
  0: "BIF CLP DJF GNF ISK JPY KMF KRW PYG RWF UGX UYI VND VUV XAF XOF XPF",
  2: "AED AFN ALL AMD AOA ARS AUD AWG AZN BAM BBD BDT BMD BND BOB BOV BRL BSD BTN BWP BYN BZD CAD CDF CHE CHF CHW CNY COP COU CRC CUP CVE CZK DKK DOP DZD EGP ERN ETB EUR FJD FKP GBP GEL GHS GIP GMD GTQ GYD HKD HNL HTG HUF IDR ILS INR IRR JMD KES KGS KHR KPW KYD KZT LAK LBP LKR LRD LSL MAD MDL MGA MKD MMK MNT MOP MRU MUR MVR MWK MXN MXV MYR MZN NAD NGN NIO NOK NPR NZD PAB PEN PGK PHP PKR PLN QAR RON RSD RUB SAR SBD SCR SDG SEK SGD SHP SLE SOS SRD SSP STN SVC SYP SZL THB TJS TMT TOP TRY TTD TWD TZS UAH USD USN UYU UZS VED VES WST XAD XCD XCG YER ZAR ZMW ZWG",
  3: "BHD IQD JOD KWD LYD OMR TND",
  4: "CLF UYW",
};

// Withdrawn since 2023 (list three). What was once sold in one of them must still be read and paid back.
const withdrawn: Record<number, string> = { 2: "ANG BGN HRK SLL ZWL" };

/** How many decimals each currency has, by its ISO 4217 code. */
export const decimalsOfCurrencies: ReadonlyMap<string, number> = new Map(
  [withDecimals, withdrawn].flatMap((table) =>
    Object.entries(table).flatMap(([digits, codes]) =>
      codes.split(" ").map((code): [string, number] => [code, Number(digits)]),
    ),
  ),
);
