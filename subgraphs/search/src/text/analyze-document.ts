import type { IndexDocument } from "../engine/engine.ts";
import { isJoining, isPreposition, languageOf, negatedBehind, type Language } from "./language.ts";
import { featureTerm, lackingTerm, wholeIdTerm } from "./special-terms.ts";
import { stem } from "./stem.ts";
import { chunksOf, type Chunk } from "./tokenize.ts";

/** The fields that are searched, in the order of the ranking's weights. */
export const fields = ["title", "brand", "type", "description", "attributes", "ids"] as const;

/** A position gap between words that are no neighbours, such as two attribute values: no phrase matches across it. */
export const gap = "";

/** A field's terms in reading order with gaps; and the joined forms of its hyphenated words, which add no length. */
export type AnalyzedField = { terms: string[]; joined: string[] };

/** An analyzed document, the same for all engines. */
export type AnalyzedDocument = {
  /** In the order of `fields`. */
  fields: AnalyzedField[];
  /** The surface form of each stem, for spelling and suggestions. */
  surfaceForms: Map<string, string>;
  /** How many terms of the title stand before its first preposition, bracket or comma: they name the thing. */
  nameLength: number;
};

/** Tokenizes, folds and stems the searchable fields of a product. */
export function analyzeDocument(
  document: IndexDocument,
  languages: readonly [Language, ...Language[]],
): AnalyzedDocument {
  const title = chunksOf(document.title);
  const description = chunksOf(document.description.slice(0, maxDescriptionLength));
  const language = languageOf(
    `${document.title} ${document.description.slice(0, detectionLength)}`,
    [...title, ...description].flatMap((chunk) => chunk.parts),
    languages,
  );
  const surfaceForms = new Map<string, string>();
  const text = (texts: readonly string[], chunked?: Chunk[]) =>
    termsOf(chunked ? [chunked] : texts.map(chunksOf), language, surfaceForms);
  return {
    fields: [
      text([], title),
      text(document.brand === null ? [] : [document.brand]),
      text(document.categories.map((category) => category.name)),
      text([], description),
      attributesOf(document.attributes, language, surfaceForms),
      idsOf(document.ids),
    ],
    surfaceForms,
    nameLength: nameLengthOf(document.title, title, language),
  };
}

const maxDescriptionLength = 20_000;
const detectionLength = 1_000;

/** Attribute values. A yes/no attribute that is true is one feature: its scattered words would match what the product is not. */
function attributesOf(
  attributes: IndexDocument["attributes"],
  language: Language,
  surfaceForms: Map<string, string>,
): AnalyzedField {
  const values: Chunk[][] = [];
  const features = new Set<string>();
  for (const { name, value } of attributes) {
    const plain = value.trim().toLowerCase();
    if (plain === "false" || plain === "no") continue;
    if (plain !== "true" && plain !== "yes") values.push(chunksOf(value));
    else
      features.add(
        featureTerm(
          stem(
            chunksOf(name)
              .flatMap(({ parts }) => parts)
              .join(""),
            language,
          ),
        ),
      );
  }
  const { terms, joined } = termsOf(values, language, surfaceForms);
  return { terms, joined: [...joined, ...features] };
}

function termsOf(texts: Chunk[][], language: Language, surfaceForms: Map<string, string>): AnalyzedField {
  const terms: string[] = [];
  const joined: string[] = [];
  for (const chunks of texts) {
    if (terms.length > 0) terms.push(gap);
    let negated = 0;
    let end = 0;
    for (const chunk of chunks) {
      // More than a blank between two words is punctuation, which ends what a negator takes away.
      if (chunk.start > end + 1) negated = 0;
      end = chunk.end;
      chunk.parts.forEach((part, at) => {
        const term = stem(part, language);
        if (negated > 0 && !isJoining(part)) {
          negated--;
          terms.push(lackingTerm(term));
          return;
        }
        negated = Math.max(negated, negatedBehind(part));
        if (!surfaceForms.has(term)) surfaceForms.set(term, chunk.surfaceForms[at] ?? part);
        terms.push(term);
      });
      if (chunk.joined) joined.push(stem(chunk.joined, language));
    }
  }
  return { terms, joined: [...new Set(joined)] };
}

/** Ids up to this length may be a size or a count in other products. */
const maxShortIdLength = 5;

/** An id is indexed whole, without punctuation, and by its parts, which stand behind two gaps. */
function idsOf(ids: readonly string[]): AnalyzedField {
  const wholes = new Set<string>();
  const rest = new Set<string>();
  for (const id of ids) {
    const parts = chunksOf(id).flatMap((chunk) => chunk.parts);
    const whole = parts.join("");
    if (whole !== "" && whole.length <= 40) wholes.add(whole);
    if (/^0+\d{8,}$/.test(whole)) wholes.add(whole.replace(/^0+/, ""));
    for (const part of parts.slice(0, 20)) rest.add(part);
  }
  const parts = [...rest].filter((part) => !wholes.has(part));
  return {
    terms: [...apart([...wholes]), ...(parts.length > 0 ? [gap, gap] : []), ...apart(parts)],
    joined: [...wholes].filter((whole) => whole.length <= maxShortIdLength).map(wholeIdTerm),
  };
}

function apart(terms: readonly string[]): string[] {
  return terms.flatMap((term, at) => (at === 0 ? [term] : [gap, term]));
}

function nameLengthOf(title: string, chunks: Chunk[], language: Language): number {
  let length = 0;
  let end = 0;
  for (const chunk of chunks) {
    const between = title.slice(end, chunk.start);
    const isBehindName = chunk.parts.length === 1 && isPreposition(chunk.parts[0] ?? "", language);
    if (length > 0 && (isBehindName || /[,(;|[]| [-–—] /.test(between))) break;
    length += chunk.parts.length;
    end = chunk.end;
  }
  return length;
}

/** The searched terms of a field; joined words stand behind gaps, so that they break no phrase. */
export function searchedTerms({ terms, joined }: AnalyzedField): string[] {
  return [...terms, ...joined.flatMap((word) => [gap, word])];
}
