/** The denominator of a rate: rates are whole basis points, 1900 is 19 %. */
export const wholeRate = 10_000;

// Standard national rates (VAT, GST, consumption tax) as of 2026. The United States has no national rate. Rates of states and
// reduced rates need more than a country. A country that isn't listed is an export without tax.
const standardRates: Record<string, number> = {
  AT: 2000,
  AU: 1000,
  BE: 2100,
  BG: 2000,
  CA: 500,
  CH: 810,
  CY: 1900,
  CZ: 2100,
  DE: 1900,
  DK: 2500,
  EE: 2400,
  ES: 2100,
  FI: 2550,
  FR: 2000,
  GB: 2000,
  GR: 2400,
  HR: 2500,
  HU: 2700,
  IE: 2300,
  IN: 1800,
  IT: 2200,
  JP: 1000,
  KR: 1000,
  LT: 2100,
  LU: 1700,
  LV: 2100,
  MT: 1800,
  MX: 1600,
  NL: 2100,
  NO: 2500,
  NZ: 1500,
  PL: 2300,
  PT: 2300,
  RO: 2100,
  SE: 2500,
  SG: 900,
  SI: 2200,
  SK: 2300,
  US: 0,
};

/** The rate of the destination country, in basis points. */
export function taxRateOf(country: string): number {
  return standardRates[country] ?? 0;
}
