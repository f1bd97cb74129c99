import type { estypes } from "@elastic/elasticsearch";
import { analyzeDocument, fields, gap, searchedTerms } from "../analysis/analyze-document.ts";
import { tokensOf, type DocumentTokens } from "../analysis/document-tokens.ts";
import type { Language } from "../analysis/language.ts";
import type { Vocabulary } from "../analysis/vocabulary.ts";
import type { IndexDocument } from "../engine.ts";
import { staticRankOf } from "../ranking/popularity.ts";

/** A product as Elasticsearch holds it: terms that were analysed here, for its whitespace analyzer. */
export type ElasticDocument = {
  id: string;
  version: number;
  is_live: boolean;
  in_stock: boolean;
  title: string;
  /** By field of the analysis; between strangers stands `|`, which keeps phrases apart. */
  terms: Record<string, string>;
  /** Name length, then the length of each field. */
  lengths: number[];
  /** Written words of the stems that differ from them: stem, word, stem, word… */
  written: string[];
  brand?: string;
  brand_key?: string;
  categories: IndexDocument["categories"];
  category_path: string[];
  skus: string[];
  price: Record<string, number>;
  rating?: number;
  published_at: number;
  /** What is sorted by where no words decide. */
  standing: number;
  /** `traitOf` of each attribute. */
  traits: string[];
};

const prefixed = new Set<string>(["title", "brand", "type"]);
const separator = "|";
const between = "\u0001";

/** Any full Elasticsearch 8 or 9 takes this mapping, and so does the bare core: no analyzer of its own is needed. */
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
    standing: { type: "long" },
    traits: { type: "keyword" },
  },
  dynamic_templates: [{ prices: { path_match: "price.*", mapping: { type: "long" } } }],
};

/** Analyses a product for the index. */
export function toElastic(
  document: IndexDocument,
  inStock: boolean,
  languages: readonly [Language, ...Language[]],
): ElasticDocument {
  const { id, version, isLive } = document;
  const analyzed = analyzeDocument(document, languages);
  const lengthsOf = tokensOf(analyzed, () => 1);
  return {
    id,
    version,
    is_live: isLive,
    in_stock: inStock,
    title: document.title,
    terms: Object.fromEntries(
      fields.map((field, at) => [field, joined(analyzed.fields[at] ?? { terms: [], joined: [] })]),
    ),
    lengths: [analyzed.nameLength, ...lengthsOf.subarray(1 + fields.length, 1 + 2 * fields.length)],
    written: [...analyzed.surfaceForms].filter(([stem, word]) => stem !== word).flat(),
    ...(document.brand !== null && { brand: document.brand, brand_key: document.brand.toLowerCase() }),
    categories: document.categories,
    category_path: document.categories.map(({ slug }) => slug),
    skus: document.skus,
    price: Object.fromEntries(document.prices),
    ...(document.rating !== null && { rating: document.rating }),
    published_at: document.publishedAt,
    standing: staticRankOf(document.popularity ?? 0, document.publishedAt),
    // Of two spellings one: no product is two of a value.
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

/** The tokens of a document, for the ranking and the lexicon; new words are learned. */
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

/** An attribute as one keyword: what it is compared by first, what it is shown as behind. */
export function attributeKeyword(name: string, value: string): string {
  const compared = `${name.toLowerCase()}${between}${value.toLowerCase()}${between}`;
  return `${compared}${name}${between}${value}`.slice(0, maxKeywordLength);
}

/** What a keyword of this name and value begins with. */
export function attributeKeywordPrefix(name: string, value?: string): string {
  const start = `${name.toLowerCase()}${between}`;
  return value === undefined ? start : `${start}${value.toLowerCase()}${between}`;
}

/** A keyword without its spelling. */
export function foldedPrefix(trait: string): string {
  return trait.slice(0, trait.indexOf(between, trait.indexOf(between) + 1) + 1);
}

/** A keyword's parts. */
export function readAttributeKeyword(trait: string): { key: string; name: string; value: string } {
  const [key = "", , name = "", value = ""] = trait.split(between);
  return { key, name, value };
}

// Lucene refuses terms of more than 32766 bytes.
const maxKeywordLength = 8_000;

function joined(field: { terms: string[]; joined: string[] }): string {
  return searchedTerms(field)
    .map((term) => (term === gap ? separator : term))
    .join(" ");
}
