import { slugOf, type ProductRecord } from "../import/product-record.ts";
import { brands, kinds, praises, series, type Kind } from "./assortment.ts";

/** Generates a believable catalogue: the same number always gives the same products, and fewer are a prefix of more. */
export function* generateProducts(count: number): Generator<ProductRecord> {
  for (let number = 1; number <= count; number++) yield productOf(number);
}

function productOf(number: number): ProductRecord {
  const dice = diceOf(number);
  // The first products are the ones that the read-me's operations show: one of each kind.
  const kind = number <= kinds.length ? (kinds[number - 1] ?? dice.pick(kinds)) : dice.pick(kinds);
  const brand = dice.pick(brands);
  const model = `${dice.pick(series)} ${dice.whole(100, 999)}`;
  const title = `${brand} ${model} ${kind.noun}`;
  const id = `demo-${number}`;
  const attributes = Object.entries(kind.properties).map(([name, values]) => ({
    name,
    value: dice.pick(values),
  }));
  const details = attributes.map(({ name, value }) => `${name}: ${value}`).join(", ");
  return {
    externalId: id,
    slug: slugOf(title, id),
    title,
    description: `${kind.noun} by ${brand}, from the ${model} series. ${dice.pick(praises)} ${details}.`,
    brand,
    categoryPath: kind.category.split("/"),
    attributes: [...attributes, { name: "product type", value: kind.noun }],
    imageUrls: [1, 2].map((view) => `https://picsum.photos/seed/${id}-${view}/800/800`),
    variants: variantsOf(kind, number, dice),
  };
}

function variantsOf(kind: Kind, number: number, dice: Dice): ProductRecord["variants"] {
  const [from, to] = kind.dollars;
  // Cheap things are more common than dear ones.
  const base = from + (to - from) * dice.next() ** 2;
  const options = kind.option ? dice.some(kind.option.values, dice.whole(1, 4)) : [undefined];
  const isReduced = dice.next() < 0.2;
  return options.map((value, at) => {
    const dollars = Math.max(1, Math.round(base * (1 + at * 0.04)));
    const price = `${dollars - 1}.99`;
    const sku = `${initials(kind.noun)}-${String(number).padStart(6, "0")}${value === undefined ? "" : `-${at + 1}`}`;
    return {
      sku,
      price: { amount: price, currency: "USD" },
      ...(isReduced
        ? { compareAtPrice: { amount: `${Math.round(dollars * 1.25)}.00`, currency: "USD" } }
        : {}),
      prices: [
        { amount: `${Math.max(1, Math.round(dollars * 0.93)) - 1}.95`, currency: "EUR" },
        { amount: `${Math.max(1, Math.round(dollars * 0.8)) - 1}.95`, currency: "GBP" },
      ],
      weightGrams: kind.grams,
      units: unitsOf(number, dice),
      ...(value !== undefined && kind.option
        ? { title: value, attributes: [{ name: kind.option.name, value }] }
        : {}),
    };
  });
}

/** Mostly plenty, sometimes few, now and then none; the shop window (the first products) never runs dry at once. */
function unitsOf(number: number, dice: Dice): Record<string, number> {
  const luck = dice.next();
  if (number > kinds.length && luck < 0.05) return { BER: 0, RNO: 0 };
  if (number > kinds.length && luck < 0.15) return { BER: dice.whole(0, 3), RNO: dice.whole(0, 3) };
  return { BER: dice.whole(20, 200), RNO: dice.whole(20, 200) };
}

function initials(noun: string): string {
  return noun
    .replace(/[^A-Za-z ]/g, "")
    .split(" ")
    .map((word) => word.slice(0, 3).toUpperCase())
    .join("");
}

type Dice = {
  /** From 0 up to, not including, 1. */
  next(): number;
  whole(from: number, to: number): number;
  pick<T>(from: readonly T[]): T;
  some<T>(from: readonly T[], count: number): T[];
};

/** Seeded chance (mulberry32), the same on every machine. */
function diceOf(seed: number): Dice {
  let state = Math.imul(seed, 0x9e3779b9);
  const next = () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
  const whole = (from: number, to: number) => from + Math.floor(next() * (to - from + 1));
  const pick = <T>(from: readonly T[]): T => {
    const picked = from[whole(0, from.length - 1)];
    if (picked === undefined) throw new Error("there is nothing to pick from");
    return picked;
  };
  const some = <T>(from: readonly T[], count: number): T[] => {
    const start = whole(0, from.length - 1);
    return from.map((_, at) => from[(start + at) % from.length] as T).slice(0, count);
  };
  return { next, whole, pick, some };
}
