import { formatAmount, skuKey } from "@shop/values";
import type { Attribute, ProductContent } from "./product.ts";

/** Digests of the fields that an import wrote, by their keys. */
export type Marks = Readonly<Record<string, string>>;

/** What an import set back to its record, although it was changed by hand. */
export type Overwritten = { field: string[]; sku: string | null; was: string | null };

/** A field that an import writes. */
type Field = { key: string; field: string[]; sku: string | null; value: unknown; text: string | null };

/** What a record and a product both have; `slug` is null where the record leaves it to the shop. */
export type Imports = { content: ProductContent; category: string; slug: string | null };

/** All fields, each under a key that names it in every import. Variants are called by their SKUs. */
export function fieldsOf({ content, category, slug }: Imports): Field[] {
  const { title, description, brand, attributes, imageUrls, variants } = content;
  const own = (key: string, value: unknown, text: string | null): Field => {
    return { key, field: [key], sku: null, value, text };
  };
  return [
    own("title", title, title),
    own("description", description, description),
    own("brand", brand, brand),
    own("categoryPath", category, category),
    own("attributes", attributes, inWords(attributes)),
    own("imageUrls", imageUrls, imageUrls.join(", ") || null),
    ...(slug === null ? [] : [own("slug", slug, slug)]),
    own(
      "variants",
      variants.map((it) => skuKey(it.sku)),
      variants.map((it) => it.sku).join(", "),
    ),
    ...variants.flatMap((variant, index) => {
      const { sku, prices, weightGrams } = variant;
      const of = (name: string, value: unknown, text: string | null, key = name): Field => {
        return {
          key: `${key} of ${skuKey(sku)}`,
          field: ["variants", String(index), name],
          sku,
          value,
          text,
        };
      };
      return [
        of("title", variant.title, variant.title),
        of("attributes", variant.attributes, inWords(variant.attributes)),
        of("weightGrams", weightGrams, String(weightGrams)),
        ...prices.flatMap(({ currency, amount, compareAt }, place) => [
          of(
            place === 0 ? "price" : "prices",
            amount,
            priceInWords(amount, currency),
            `price in ${currency}`,
          ),
          of(
            "compareAtPrice",
            compareAt,
            compareAt === null ? null : priceInWords(compareAt, currency),
            `compare-at price in ${currency}`,
          ),
        ]),
      ];
    }),
  ];
}

/** The digests to keep with the product, by which a later import knows what has been changed by hand since. */
export function marksOf(fields: readonly Field[], hashOf: (value: unknown) => string): Marks {
  return Object.fromEntries(fields.map(({ key, value }) => [key, shortHash(value, hashOf)]));
}

/**
 * Whether the product differs from its record, and which of the differences were made by hand: those where the product isn't
 * as the last import left it. Without that import's marks all of them, if the record is the same as then, else none.
 */
export function compareWithRecord(
  present: readonly Field[],
  record: readonly Field[],
  last: { marks: Marks | undefined; isSameRecord: boolean },
  hashOf: (value: unknown) => string,
): { differs: boolean; overwritten: Overwritten[] } {
  const [now, next] = [byKey(present), byKey(record)];
  // A variant that one of them lacks is a difference of "variants" alone.
  const [skus, others] = [skusOf(present), skusOf(record)];
  const isOfBoth = ({ sku }: Field) => sku === null || (skus.has(skuKey(sku)) && others.has(skuKey(sku)));
  const keys = new Set([...present, ...record].filter(isOfBoth).map((it) => it.key));
  const differing = [...keys].filter(
    (key) => JSON.stringify(now.get(key)?.value) !== JSON.stringify(next.get(key)?.value),
  );
  const wasByHand = (key: string) => {
    if (!last.marks) return last.isSameRecord;
    const field = now.get(key);
    return last.marks[key] !== (field && shortHash(field.value, hashOf));
  };
  const overwritten = differing.filter(wasByHand).flatMap((key): Overwritten[] => {
    const at = next.get(key) ?? now.get(key);
    if (!at) return [];
    const was = now.get(key)?.text?.slice(0, 500) ?? null;
    return [{ field: at.field, sku: at.sku, was }];
  });
  return { differs: differing.length > 0, overwritten };
}

const byKey = (fields: readonly Field[]) => new Map(fields.map((it) => [it.key, it]));

const skusOf = (fields: readonly Field[]) => new Set(fields.flatMap(({ sku }) => (sku ? [skuKey(sku)] : [])));

const priceInWords = (amount: number, currency: string) =>
  `${formatAmount({ amount, currency })} ${currency}`;

const shortHash = (value: unknown, hashOf: (value: unknown) => string) => hashOf(value).slice(0, 11);

const inWords = (attributes: readonly Attribute[]): string | null =>
  attributes.map(({ name, value }) => `${name}: ${value}`).join(", ") || null;
