import {
  foldedText,
  formatAmount,
  InvalidMoney,
  normalLines,
  normalText,
  parseMoney,
  skuKey,
  type Money,
} from "@shop/values";
import { userError, type UserError } from "./decision.ts";
import type { Attribute, Price, ProductContent, VariantContent } from "./product.ts";

/** Optional fields of the graph may be null. */
type Optional<T> = T | null | undefined;
type MoneyInput = { amount: string; currency: string };
type VariantInput = {
  sku: string;
  title?: Optional<string>;
  price: MoneyInput;
  compareAtPrice?: Optional<MoneyInput>;
  prices?: Optional<readonly MoneyInput[]>;
  attributes?: Optional<readonly Attribute[]>;
  weightGrams?: Optional<number>;
};

/** The fields of a product that an author writes: staff by a mutation, or a record of an import. */
export type ContentInput = {
  title: string;
  description: string;
  brand?: Optional<string>;
  attributes?: Optional<readonly Attribute[]>;
  imageUrls?: Optional<readonly string[]>;
  variants: readonly VariantInput[];
};

/** Validates an author's input: the content, and every error with its path from `at`. */
export function readContent(
  input: ContentInput,
  shopCurrency: string,
  at: readonly string[],
): { content: ProductContent; errors: UserError[] } {
  const errors: UserError[] = [];
  const refuse = (message: string, ...field: string[]) =>
    void errors.push(userError("INVALID_INPUT", message, [...at, ...field]));
  const text = (value: string, maxLength: number, ...field: string[]) => {
    const kept = cleanText(value);
    if (kept === "" || kept.length > maxLength) refuse(`Give 1 to ${maxLength} characters.`, ...field);
    return kept;
  };
  const attributesOf = (given: ContentInput["attributes"], ...field: string[]): Attribute[] => {
    if ((given?.length ?? 0) > 200) refuse("A product has at most 200 attributes.", ...field);
    return (given ?? []).map(({ name, value }, index) => ({
      name: text(name, 200, ...field, String(index), "name"),
      value: text(value, 10_000, ...field, String(index), "value"),
    }));
  };

  const title = text(input.title, 500, "title");
  const description = normalLines(input.description.toWellFormed());
  if (description.length > 20_000) refuse("A description has at most 20,000 characters.", "description");
  const imageUrls = (input.imageUrls ?? []).map(cleanText);
  if (imageUrls.length > 50) refuse("A product has at most 50 images.", "imageUrls");
  if (input.variants.length === 0 || input.variants.length > 100)
    refuse("Give 1 to 100 variants.", "variants");

  const seen = new Set<string>();
  const variants = input.variants.map((variant, index): VariantContent => {
    const field = ["variants", String(index)];
    const sku = text(variant.sku, 300, ...field, "sku");
    if (seen.has(skuKey(sku))) refuse("Two variants have this SKU.", ...field, "sku");
    seen.add(skuKey(sku));
    const weightGrams = variant.weightGrams ?? 500;
    if (weightGrams < 0 || weightGrams > 1_000_000)
      refuse("Give 0 to 1,000,000 grams.", ...field, "weightGrams");
    const priced = readPrices(variant, shopCurrency, [...at, ...field]);
    errors.push(...priced.errors);
    return {
      sku,
      title: variant.title ? text(variant.title, 500, ...field, "title") : title,
      attributes: attributesOf(variant.attributes, ...field, "attributes"),
      prices: priced.prices,
      weightGrams,
    };
  });

  for (const index of alikeOf(variants)) {
    refuse(
      "An earlier variant has the same attributes: a customer could not choose.",
      "variants",
      String(index),
      "attributes",
    );
  }
  const brand = input.brand && cleanText(input.brand) ? text(input.brand, 200, "brand") : null;
  const attributes = attributesOf(input.attributes, "attributes");
  const content = { title, description, brand, attributes, imageUrls, variants };
  if (errors.length === 0 && Buffer.byteLength(JSON.stringify(content)) > maxContentBytes) {
    refuse("A product has at most 400 kB of text.");
  }
  return { content, errors };
}

/** In minor units. The total of a full cart, 100 lines of 999 units, with its tax must stay a safe integer. */
const maxPrice = 10_000_000_000;

/** An event carries the whole product, and a NATS message has at most a megabyte. */
const maxContentBytes = 400_000;

/** The text in its normal form, without what Postgres refuses (NUL, half a surrogate pair). */
export const cleanText = (text: string): string => normalText(text.toWellFormed());

/** The places of variants with the same attributes as an earlier one. Variants without any have their titles. */
function alikeOf(variants: readonly VariantContent[]): number[] {
  const seen = new Set<string>();
  return variants.flatMap(({ attributes }, index) => {
    if (attributes.length === 0) return [];
    const key = JSON.stringify(
      attributes.map(({ name, value }) => [foldedText(name), foldedText(value)].join("\n")).toSorted(),
    );
    if (seen.has(key)) return [index];
    seen.add(key);
    return [];
  });
}

function readPrices(variant: VariantInput, shopCurrency: string, at: readonly string[]) {
  const errors: UserError[] = [];
  const prices: Price[] = [];
  const main = readPrice(variant.price, variant.compareAtPrice, at, ["price", "compareAtPrice"]);
  errors.push(...main.errors);
  if (main.price) prices.push(main.price);
  for (const [index, input] of (variant.prices ?? []).entries()) {
    const field = [...at, "prices", String(index)];
    const read = readPrice(input, null, field, []);
    errors.push(...read.errors);
    if (!read.price) continue;
    if (prices.some((it) => it.currency === read.price?.currency)) {
      errors.push(userError("INVALID_INPUT", `There is a price in ${input.currency} already.`, field));
    } else prices.push(read.price);
  }
  const own = prices.findIndex((it) => it.currency === shopCurrency);
  if (own === -1 && errors.length === 0) {
    const message = `A price in the shop's own currency, ${shopCurrency}, is needed.`;
    errors.push(userError("CURRENCY_NOT_SUPPORTED", message, [...at, "price"]));
  }
  return { errors, prices: own > 0 ? [...prices.splice(own, 1), ...prices] : prices };
}

/** Validates a price and the compare-at price, which must be higher and of the same currency. */
export function readPrice(
  input: MoneyInput,
  compareAtInput: MoneyInput | null | undefined,
  at: readonly string[],
  [priceField, compareAtField]: readonly string[],
): { price: Price | undefined; errors: UserError[] } {
  const errors: UserError[] = [];
  const place = (name: string | undefined) => (name ? [...at, name] : at);
  const amountOf = (money: MoneyInput, name: string | undefined): Money | undefined => {
    try {
      const read = parseMoney(money.amount, money.currency);
      if (read.amount > 0 && read.amount <= maxPrice) return read;
      const message =
        read.amount > 0
          ? `A price is at most ${formatAmount({ ...read, amount: maxPrice })}.`
          : "A price is more than 0.";
      errors.push(userError("INVALID_INPUT", message, place(name)));
    } catch (error) {
      if (!(error instanceof InvalidMoney)) throw error;
      errors.push(userError("INVALID_INPUT", error.message, place(name)));
    }
    return undefined;
  };
  const price = amountOf(input, priceField);
  const compareAt = compareAtInput ? amountOf(compareAtInput, compareAtField) : undefined;
  if (price && compareAt && (compareAt.currency !== price.currency || compareAt.amount <= price.amount)) {
    const message = "The price to strike through must be higher than the price, in the same currency.";
    errors.push(userError("INVALID_INPUT", message, place(compareAtField)));
  }
  return { price: price && { ...price, compareAt: compareAt?.amount ?? null }, errors };
}
