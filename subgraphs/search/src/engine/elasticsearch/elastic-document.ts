import type { estypes } from "@elastic/elasticsearch";
import { analyzeDocument, fields, gap, searchedTerms } from "../../text/analyze-document.ts";
import { tokensOf, type DocumentTokens } from "../../text/document-tokens.ts";
import { headWordsOf } from "../../text/head-words.ts";
import type { Language } from "../../text/language.ts";
import type { Vocabulary } from "../../text/vocabulary.ts";
import { kindOf } from "../../text/word-kinds.ts";
import type { IndexDocument } from "../engine.ts";
import { staticRankOf } from "../../ranking/static-rank.ts";

/** A product's document in Elasticsearch: its terms are analyzed here, so the whitespace analyzer is enough. */
export type ElasticDocument = {
  id: string;
  version: number;
  is_live: boolean;
  in_stock: boolean;
  title: string;
  /** Terms by field of the analysis; a position gap is `|`, so that no phrase matches across it. */
  terms: Record<string, string>;
  /** The words that may name what the product is. */
  heads: string[];
  /** The name length, then the length of each field. */
  lengths: number[];
  /** Surface forms that differ from their stem: stem, word, stem, word… */
  written: string[];
  brand?: string;
  brand_key?: string;
  categories: IndexDocument["categories"];
  category_path: string[];
  skus: string[];
  price: Record<string, number>;
  rating?: number;
  published_at: number;
  /** Kept beside the rank: it never sinks. Missing in documents of earlier releases. */
  popularity?: number;
  /** The static rank: the order of a search without words. */
  standing: number;
  /** `attributeKeyword` of each attribute. */
  traits: string[];
};

const prefixed = new Set<string>(["title", "brand", "type"]);
const separator = "|";
const between = "\u0001";

/** The mapping works with Elasticsearch 8 and 9, also the bare server core: it needs no analyzer of a plugin or module. */
export const mapping: estypes.MappingTypeMapping = {
  dynamic: "strict",
  _meta: { complete: false },
  properties: {
    id: { type: "keyword" },
    version: { type: "long" },
    is_live: { type: "boolean" },
    in_stock: { type: "boolean" },
    title: { type: "keyword", index: false, doc_values: false },
    terms: {
      properties: Object.fromEntries(
        fields.map((field) => [
          field,
          {
            type: "text",
            analyzer: "whitespace",
            ...(prefixed.has(field) && { index_prefixes: { min_chars: 1, max_chars: 8 } }),
          },
        ]),
      ),
    },
    heads: { type: "keyword" },
    lengths: { type: "integer", index: false, doc_values: false },
    written: { type: "keyword", index: false, doc_values: false },
    brand: { type: "keyword" },
    brand_key: { type: "keyword" },
    categories: { type: "object", enabled: false },
    category_path: { type: "keyword" },
    skus: { type: "keyword" },
    price: { type: "object", dynamic: true },
    rating: { type: "float" },
    published_at: { type: "long" },
    popularity: { type: "double", index: false, doc_values: false },
    standing: { type: "long" },
    traits: { type: "keyword" },
  },
  dynamic_templates: [{ prices: { path_match: "price.*", mapping: { type: "long" } } }],
};

/** Analyzes a product for the index. */
export function toElastic(
  document: IndexDocument,
  inStock: boolean,
  languages: readonly [Language, ...Language[]],
): ElasticDocument {
  const { id, version, isLive } = document;
  const analyzed = analyzeDocument(document, languages);
  const numbers = new Map<string, number>();
  const numbered = [""];
  const tokens = tokensOf(analyzed, (term) => {
    const known = numbers.get(term) ?? numbered.push(term) - 1;
    numbers.set(term, known);
    return known;
  });
  const heads = headWordsOf(tokens, { kindOf: (number) => kindOf(numbered[number] ?? "") });
  return {
    id,
    version,
    is_live: isLive,
    in_stock: inStock,
    title: document.title,
    terms: Object.fromEntries(
      fields.map((field, at) => [field, joined(analyzed.fields[at] ?? { terms: [], joined: [] })]),
    ),
    heads: [...heads].map((number) => numbered[number] ?? ""),
    lengths: [analyzed.nameLength, ...tokens.subarray(1 + fields.length, 1 + 2 * fields.length)],
    written: [...analyzed.surfaceForms].filter(([stem, word]) => stem !== word).flat(),
    ...(document.brand !== null && { brand: document.brand, brand_key: document.brand.toLowerCase() }),
    categories: document.categories,
    category_path: document.categories.map(({ slug }) => slug),
    skus: document.skus,
    price: Object.fromEntries(document.prices),
    ...(document.rating !== null && { rating: document.rating }),
    published_at: document.publishedAt,
    popularity: document.popularity ?? 0,
    standing: staticRankOf(document.popularity ?? 0, document.publishedAt),
    // One of two spellings: a product counts once for a value.
    traits: [
      ...new Map(
        document.attributes.map(({ name, value }) => [
          attributeKeywordPrefix(name, value),
          attributeKeyword(name, value),
        ]),
      ).values(),
    ],
  };
}

/** The tokens of a document, for the ranking and the vocabulary; new terms get a number. */
export function elasticTokens(source: ElasticDocument, vocabulary: Vocabulary): DocumentTokens {
  const [nameLength = 0, ...lengths] = source.lengths;
  const surfaceForms = new Map<string, string>();
  for (let at = 0; at < source.written.length; at += 2) {
    surfaceForms.set(source.written[at] ?? "", source.written[at + 1] ?? "");
  }
  const terms = fields.map((field) =>
    (source.terms[field] ?? "")
      .split(" ")
      .flatMap((term) => (term === "" ? [] : [term === separator ? gap : term])),
  );
  const analyzed = { fields: terms.map((each) => ({ terms: each, joined: [] })), surfaceForms, nameLength };
  const tokens = tokensOf(analyzed, (term) => vocabulary.intern(term, surfaceForms.get(term) ?? term));
  lengths.forEach((length, field) => (tokens[1 + fields.length + field] = length));
  return tokens;
}

/** An attribute value as one keyword: the folded form, by which it is compared, then the form that is shown. */
export function attributeKeyword(name: string, value: string): string {
  const compared = `${name.toLowerCase()}${between}${value.toLowerCase()}${between}`;
  return `${compared}${name}${between}${value}`.slice(0, maxKeywordLength);
}

/** The beginning of a keyword with this name and value: the folded form. */
export function attributeKeywordPrefix(name: string, value?: string): string {
  const start = `${name.toLowerCase()}${between}`;
  return value === undefined ? start : `${start}${value.toLowerCase()}${between}`;
}

/** The folded form of a keyword. */
export function foldedPrefix(keyword: string): string {
  return keyword.slice(0, keyword.indexOf(between, keyword.indexOf(between) + 1) + 1);
}

/** The parts of a keyword. */
export function readAttributeKeyword(keyword: string): { key: string; name: string; value: string } {
  const [key = "", , name = "", value = ""] = keyword.split(between);
  return { key, name, value };
}

// Lucene refuses terms of more than 32766 bytes.
const maxKeywordLength = 8_000;

function joined(field: { terms: string[]; joined: string[] }): string {
  return searchedTerms(field)
    .map((term) => (term === gap ? separator : term))
    .join(" ");
}
