import { foldedText } from "@shop/values";
import type { Attribute, ProductContent } from "./product.ts";

/** A name that is spelled alike in the whole shop: a brand, the name of an attribute, or a value of it. */
export type Spelling = { kind: string; key: string; text: string };

/** Longer values are prose, which nothing is filtered by. */
const longestName = 200;

/** The names in what an author wrote, each once. */
export function spellingsOf(contents: readonly ProductContent[]): Spelling[] {
  const found = new Map<string, Spelling>();
  const add = (kind: string, text: string) => {
    if (text.length > longestName) return;
    const spelling = { kind, key: foldedText(text), text };
    const at = placeOf(spelling);
    if (!found.has(at)) found.set(at, spelling);
  };
  for (const { brand, attributes, variants } of contents) {
    if (brand !== null) add("brand", brand);
    for (const { name, value } of [attributes, ...variants.map((it) => it.attributes)].flat()) {
      add("attribute", name);
      add(kindOfValue(name), value);
    }
  }
  return [...found.values()];
}

/** The content in the shop's spelling; names that it doesn't know stay as they were written. */
export function respell(content: ProductContent, known: readonly Spelling[]): ProductContent {
  const texts = new Map(known.map((it) => [placeOf(it), it.text]));
  const spelled = (kind: string, text: string) => texts.get(placeOf({ kind, key: foldedText(text) })) ?? text;
  const attributes = (given: readonly Attribute[]) =>
    given.map(({ name, value }) => ({
      name: spelled("attribute", name),
      value: spelled(kindOfValue(name), value),
    }));
  return {
    ...content,
    brand: content.brand === null ? null : spelled("brand", content.brand),
    attributes: attributes(content.attributes),
    variants: content.variants.map((it) => ({ ...it, attributes: attributes(it.attributes) })),
  };
}

const kindOfValue = (attribute: string) => `value of ${foldedText(attribute)}`;

const placeOf = ({ kind, key }: Pick<Spelling, "kind" | "key">) => JSON.stringify([kind, key]);
