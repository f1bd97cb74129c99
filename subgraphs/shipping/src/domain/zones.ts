/** The distance of a country from the warehouses. */
export type Zone = "HOME" | "NEAR" | "FAR";

const countries: Record<Zone, string> = {
  HOME: "DE US",
  NEAR: "AT BE BG CA CH CY CZ DK EE ES FI FR GB GR HR HU IE IS IT LI LT LU LV MT MX NL NO PL PT RO SE SI SK",
  FAR: "AE AR AU BR CL CO HK ID IL IN JP KR MY NZ PH SA SG TH TR TW UA UY VN ZA",
};

const zones = new Map(
  (Object.keys(countries) as Zone[]).flatMap((zone) =>
    countries[zone].split(" ").map((code) => [code, zone]),
  ),
);

/** The zone of a country; undefined for countries that are not served. */
export function zoneOf(country: string): Zone | undefined {
  return zones.get(country);
}
