import { countryOf, type AddressField, type AddressFieldName, type Country } from "./address-form.ts";
import { isText, normalText, plainText } from "./text.ts";

/** An address in its normal form, as orders and parcels carry it; `city` and `postalCode` are empty where a country has none. */
export type ReadAddress = {
  name: string;
  line1: string;
  line2?: string;
  city: string;
  /** The region's code, where the country has codes. */
  region?: string;
  postalCode: string;
  country: string;
  phone?: string;
};

/** The field at fault, and what was expected; the message is for the caller to read. */
export type AddressError = { field: AddressFieldName | "country"; message: string };

type Given = { readonly [Name in AddressFieldName | "country"]?: unknown };

const longest: Record<AddressFieldName, number> = {
  ...{ name: 200, line1: 200, line2: 200, city: 200, region: 200, postalCode: 40, phone: 60 },
};

/**
 * Reads an address by the rules of its country (`addressForm`): what is required, how postal codes look, which regions there
 * are. The one validator of addresses that people type; all errors come at once. A field that the country doesn't use is kept.
 */
export function readAddress(
  given: Given,
): { address: ReadAddress; errors: [] } | { address?: undefined; errors: AddressError[] } {
  const errors: AddressError[] = [];
  const textOf = (name: AddressFieldName): string => {
    const value = given[name] ?? "";
    const text = typeof value === "string" && isText(value) ? normalText(value) : undefined;
    if (text !== undefined && text.length <= longest[name]) return text;
    const message =
      text === undefined
        ? `${name} has characters that can't be kept.`
        : `${name} has at most ${longest[name]} characters.`;
    errors.push({ field: name, message });
    return "";
  };
  const [name, line1, line2, city] = [textOf("name"), textOf("line1"), textOf("line2"), textOf("city")];
  const [region, postalCode, phone] = [textOf("region"), textOf("postalCode"), textOf("phone")];
  const read = { name, line1, line2, city, region, postalCode, phone };
  const code = typeof given.country === "string" ? given.country : "";
  const country = countryOf(code);
  if (!country) {
    errors.push({ field: "country", message: "The country must be an ISO 3166-1 alpha-2 code such as DE." });
    return { errors };
  }
  const chosen = regionOf(read, country);
  const codeOfPost = postalCodeOf(postalCode, country);
  const written = { ...read, region: chosen, postalCode: codeOfPost };
  const faulty = new Set(errors.map(({ field }) => field));
  for (const field of country.fields) {
    const message = faulty.has(field.name) ? undefined : faultOf(field, written[field.name], country);
    if (message !== undefined) errors.push({ field: field.name, message });
  }
  if (errors.length > 0) return { errors };
  const optional = Object.entries({ line2, region: chosen, phone }).filter(([, text]) => text !== "");
  const address = { name, line1, city, postalCode: codeOfPost, country: code };
  return { address: { ...address, ...Object.fromEntries(optional) }, errors: [] };
}

function faultOf(field: AddressField, value: string, { country }: Country): string | undefined {
  const { name, label, isRequired, pattern, example, regions } = field;
  const such = example === null ? "" : `, such as ${example}`;
  const choices =
    regions.length === 0 ? "" : `, one of ${regions.map(({ code }) => code).join(", ")}`.slice(0, 300);
  if (value === "")
    return isRequired ? `Addresses in ${country} have a ${label} (${name})${such}${choices}.` : undefined;
  if (name === "region" && isRequired && !regions.some(({ code }) => code === value)) {
    return `"${value}" is no ${label} (region) of ${country}: give a code or a name${choices}.`;
  }
  if (pattern !== null && !matcherOf(pattern).test(value)) {
    return `"${value}" is no ${label} (${name}) of ${country}${such}.`;
  }
  return undefined;
}

/** The region's code by code or name. Where a city is no part of every address, it may be the region: Tokyo, Dubai. */
function regionOf(
  { region, city }: { region: string; city: string },
  { fields, regionNames }: Country,
): string {
  const isCityOptional = !fields.some((it) => it.name === "city" && it.isRequired);
  const given = region === "" && isCityOptional ? city : region;
  const wanted = plainText(given);
  const found =
    wanted === "" ? undefined : regionNames.find(({ names }) => names.some((it) => plainText(it) === wanted));
  return found?.code ?? region;
}

/** In capitals and plain letters, if it is one of the country. */
function postalCodeOf(given: string, { fields }: Country): string {
  const pattern = fields.find(({ name }) => name === "postalCode")?.pattern;
  const plain = given.normalize("NFKC").toUpperCase();
  return pattern && matcherOf(pattern).test(plain) ? plain : given;
}

const matchers = new Map<string, RegExp>();

function matcherOf(pattern: string): RegExp {
  const matcher = matchers.get(pattern) ?? new RegExp(`^(?:${pattern})$`, "i");
  matchers.set(pattern, matcher);
  return matcher;
}
