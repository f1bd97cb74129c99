import { fields, gap, searchedTerms, type AnalyzedDocument } from "./analyze-document.ts";

/**
 * A document's terms as numbers, compact enough to keep a million of them on disk and the hot ones in memory:
 * [name length, end of each field, length of each field without gaps and joined words, tokens…]; a gap is 0.
 */
export type DocumentTokens = Int32Array;

const fieldCount = fields.length;
/** The index of the first token. */
export const firstToken = 1 + 2 * fieldCount;

/** Converts terms to numbers. */
export function tokensOf(document: AnalyzedDocument, idOf: (term: string) => number): DocumentTokens {
  const searched = document.fields.map(searchedTerms);
  const tokens = new Int32Array(firstToken + searched.reduce((sum, terms) => sum + terms.length, 0));
  let at = firstToken;
  searched.forEach((terms, field) => {
    for (const term of terms) tokens[at++] = term === gap ? 0 : idOf(term);
    tokens[1 + field] = at;
    tokens[1 + fieldCount + field] = document.fields[field]?.terms.filter((term) => term !== gap).length ?? 0;
  });
  tokens[0] = document.nameLength;
  return tokens;
}

/** The index of a field's first token. */
export function startOf(tokens: DocumentTokens, field: number): number {
  return field === 0 ? firstToken : (tokens[field] ?? firstToken);
}

/** The index behind a field's last token. */
export function endOf(tokens: DocumentTokens, field: number): number {
  return tokens[1 + field] ?? firstToken;
}

/** The number of words of a field. */
export function lengthOf(tokens: DocumentTokens, field: number): number {
  return tokens[1 + fieldCount + field] ?? 0;
}

/** The last word of the product's own category: its noun. 0 without a category. */
export function categoryNounOf(tokens: DocumentTokens): number {
  const end = endOf(tokens, 2);
  return end > startOf(tokens, 2) ? (tokens[end - 1] ?? 0) : 0;
}

/** The terms that name the product: its title up to the first preposition, bracket or comma. */
export function nameOf(tokens: DocumentTokens): Int32Array {
  const start = startOf(tokens, 0);
  return tokens.subarray(start, Math.min(start + (tokens[0] ?? 0), endOf(tokens, 0)));
}
