import { expect, test } from "vitest";
import { addressForm } from "./address-form.ts";
import { readAddress } from "./read-address.ts";

const base = { name: "Ada", line1: "1 Way" };

test.each<[string, object, object]>([
  [
    "Hong Kong without a postal code",
    { country: "HK", city: "Hong Kong", postalCode: "" },
    { postalCode: "" },
  ],
  ["Hong Kong's area by name", { country: "HK", city: "Central", region: "九龍" }, { region: "Kowloon" }],
  ["Singapore without a city", { country: "SG", postalCode: "018956" }, { city: "", postalCode: "018956" }],
  ["Ireland without an Eircode", { country: "IE", city: "Cork" }, { postalCode: "" }],
  ["the Emirates by their city", { country: "AE", city: "Dubai" }, { region: "DU", city: "Dubai" }],
  [
    "Japan's prefecture in Latin letters",
    { country: "JP", region: "Tokyo", postalCode: "１００-０００１" },
    { region: "13", postalCode: "100-0001" },
  ],
  [
    "a state by its name",
    { country: "US", city: "Reno", region: "nevada", postalCode: "89501" },
    { region: "NV" },
  ],
  [
    "a state by its code",
    { country: "US", city: "Reno", region: "nv", postalCode: "89501-1234" },
    { region: "NV" },
  ],
  [
    "a province without its accents",
    { country: "CA", city: "Laval", region: "Quebec", postalCode: "h7a 1a1" },
    { region: "QC", postalCode: "H7A 1A1" },
  ],
  [
    "a postcode in small letters",
    { country: "GB", city: "London", postalCode: "sw1a1aa" },
    { postalCode: "SW1A1AA" },
  ],
  [
    "what isn't used there",
    { country: "DE", city: "München", region: "Bayern", postalCode: "80331" },
    { region: "Bayern" },
  ],
  ["a country without a rule of its own", { country: "BV", city: "Nowhere" }, { postalCode: "" }],
  [
    "blanks and invisible characters",
    { country: "DE", city: " Ber\u200blin ", postalCode: "10115 ", line2: " " },
    { city: "Berlin", postalCode: "10115" },
  ],
])("an address is read: %s", (_, given, expected) => {
  const { address, errors } = readAddress({ ...base, ...given });
  expect(errors).toEqual([]);
  expect(address).toMatchObject({ ...base, ...expected });
  expect(address).not.toHaveProperty("line2");
  // What was read is read the same again.
  expect(readAddress(address ?? {}).address).toEqual(address);
});

test.each<[string, object, string[]]>([
  ["the US without a state", { country: "US", city: "Reno", postalCode: "89501" }, ["region"]],
  ["an unknown state", { country: "US", city: "Reno", region: "XX", postalCode: "89501" }, ["region"]],
  ["the ZIP ABC", { country: "US", city: "Reno", region: "NV", postalCode: "ABC" }, ["postalCode"]],
  ["no ZIP", { country: "US", city: "Reno", region: "NV" }, ["postalCode"]],
  [
    "all at once",
    { country: "US", name: " ", line1: null },
    ["name", "line1", "city", "region", "postalCode"],
  ],
  ["Germany with four digits", { country: "DE", city: "Berlin", postalCode: "1011" }, ["postalCode"]],
  ["Canada without a province", { country: "CA", city: "Laval", postalCode: "H7A 1A1" }, ["region"]],
  ["Italy without a province", { country: "IT", city: "Roma", postalCode: "00184" }, ["region"]],
  ["Singapore without a code", { country: "SG" }, ["postalCode"]],
  ["no country", { city: "Berlin" }, ["country"]],
  ["a path for a country", { country: "../DE", city: "Berlin" }, ["country"]],
  ["a country in small letters", { country: "de", city: "Berlin", postalCode: "10115" }, ["country"]],
  ["a NUL", { country: "DE", city: "Ber\0lin", postalCode: "10115" }, ["city"]],
  ["a novel", { country: "DE", city: "x".repeat(201), postalCode: "10115" }, ["city"]],
])("an address is refused with its fields: %s", (_, given, fields) => {
  const { address, errors } = readAddress({ ...base, ...given });
  expect(address).toBeUndefined();
  expect(errors.map(({ field }) => field).toSorted()).toEqual(fields.toSorted());
});

test("a message says what was expected, what came, and what to do", () => {
  const { errors } = readAddress({
    ...base,
    country: "US",
    city: "Reno",
    region: "Nowhere",
    postalCode: "ABC",
  });
  expect(errors.map(({ message }) => message)).toEqual([
    expect.stringMatching(/^"Nowhere" is no State \(region\) of US: give a code or a name, one of AL, AK/),
    '"ABC" is no ZIP code (postalCode) of US, such as 95014.',
  ]);
});

test("a country's form has its fields in their order, with labels, patterns and regions", () => {
  const names = (country: string) => addressForm(country)?.fields.map(({ name }) => name);
  expect(names("US")).toEqual(["name", "line1", "line2", "city", "region", "postalCode", "phone"]);
  expect(names("HK")).toEqual(["name", "line1", "line2", "city", "region", "phone"]);
  expect(names("SG")).toEqual(["name", "line1", "line2", "postalCode", "phone"]);
  expect(addressForm("US")?.fields.find(({ name }) => name === "region")).toMatchObject({
    label: "State",
    isRequired: true,
    regions: expect.arrayContaining([{ code: "NV", name: "Nevada" }]) as unknown,
  });
  expect(addressForm("IN")?.fields.find(({ name }) => name === "postalCode")).toMatchObject({
    label: "PIN code",
    isRequired: true,
    pattern: "\\d{6}",
  });
  expect(addressForm("XX")).toBeUndefined();
});
