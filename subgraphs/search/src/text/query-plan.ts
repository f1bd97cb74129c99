import type { QueryWord } from "./query-words.ts";
import type { Synonyms } from "./synonyms.ts";
import type { Vocabulary } from "./vocabulary.ts";
import type { Language } from "./language.ts";

/** An alternative for a word of the query: one term, or a phrase of several. */
export type Alternative = { terms: string[]; weight: number };

/** What a query was relaxed to: results need the kept words, and may lack the dropped ones. */
export type Relaxed = { dropped: string[]; kept: string[] };

/** A plan: one group for each word of the query; a product matches a group by any of its alternatives. */
export type QueryPlan = {
  groups: Alternative[][];
  /** The words of the groups. */
  words: readonly QueryWord[];
  /** The group that names the thing; the others say which. */
  head: number;
  /** In a relaxed plan: the groups that a product must match, and in its name. The others count for the order only. */
  required: readonly number[] | undefined;
  /** All of its words joined, to match a whole id. */
  whole: string;
  /** The corrected query, if a word was corrected. */
  correction: string | null;
};

/** A plan without groups, which matches nothing. */
export const emptyPlan: QueryPlan = {
  groups: [],
  words: [],
  head: -1,
  required: undefined,
  whole: "",
  correction: null,
};

/** The vocabulary, synonyms and languages that a query is planned with. */
export type QueryContext = { vocabulary: Vocabulary; synonyms: Synonyms; languages: readonly Language[] };
