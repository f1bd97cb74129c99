import type { IndexDocument } from "../src/engine/engine.ts";
import { analyzeDocument } from "../src/text/analyze-document.ts";
import { tokensOf } from "../src/text/document-tokens.ts";
import type { Language } from "../src/text/language.ts";
import { Vocabulary } from "../src/text/vocabulary.ts";
import { aDocument } from "./products.ts";

const shopLanguages: [Language] = ["en"];

/** The vocabulary of products with these titles. */
export function knowing(...titles: string[]): Vocabulary {
  return knowingDocuments(...titles.map((title) => ({ title })));
}

/** The vocabulary of these products. */
export function knowingDocuments(...documents: Partial<IndexDocument>[]): Vocabulary {
  const vocabulary = new Vocabulary();
  for (const [at, document] of documents.entries()) {
    const analyzed = analyzeDocument(aDocument({ id: String(at), ...document }), shopLanguages);
    vocabulary.add(
      tokensOf(analyzed, (term) => vocabulary.intern(term, analyzed.surfaceForms.get(term) ?? term)),
    );
  }
  return vocabulary;
}
