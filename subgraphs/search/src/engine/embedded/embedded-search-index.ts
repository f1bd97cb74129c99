import type { DocumentTokens } from "../../text/document-tokens.ts";
import type { Language } from "../../text/language.ts";
import type { SynonymFile } from "../../text/synonym-file.ts";
import type { Match, RankedDocument, SearchIndex, Title } from "../search-index.ts";
import { completeNames } from "./complete-names.ts";
import { countFacets } from "./count-facets.ts";
import type { EmbeddedIndex } from "./embedded-index.ts";
import { failedFilters } from "./filter-rows.ts";
import { Matcher, type Matches } from "./match-rows.ts";
import { NameIndex } from "./name-index.ts";
import { sortedRows } from "./sorted-page.ts";

type EmbeddedMatch = Match & { candidates: readonly RowDocument[]; matches: Matches };

/** The embedded index as a query reads it. */
export function embeddedSearchIndex(
  index: EmbeddedIndex,
  synonymFile: Pick<SynonymFile, "synonyms">,
  languages: readonly Language[],
): SearchIndex<EmbeddedMatch> {
  const { vocabulary, columns, attributeValues } = index;
  const matcher = new Matcher(index);
  const nameIndex = new NameIndex(index);
  const asMatch = ({ matches, candidates }: ReturnType<Matcher["matchAll"]>): EmbeddedMatch => ({
    matches,
    candidates: candidates.map((row) => new RowDocument(index, row)),
    total: matches.length,
    passing: matches.passing,
  });
  return {
    vocabulary,
    languages,
    get synonyms() {
      return synonymFile.synonyms;
    },
    match: (plan, filters, limit) =>
      asMatch(matcher.match(plan, failedFilters(filters, columns, attributeValues), limit)),
    matchAll: (filters, limit) =>
      asMatch(matcher.matchAll(failedFilters(filters, columns, attributeValues), limit)),
    documents: (candidates) => candidates,
    sortedPage: ({ matches }, page) =>
      sortedRows(matches, page, rowsOf(page.exclude), columns).map(({ row, key }) =>
        Object.assign(new RowDocument(index, row), { key }),
      ),
    attributeName: (attribute) => attributeValues.keyOf(attributeValues.nameOf(Number(attribute))),
    isChoice: (name) => attributeValues.isChoice(name),
    countFacets: ({ matches }, filters, attributes) => countFacets(matches, filters, attributes, index),
    completeNames: (typed, size) => completeNames(index, nameIndex, typed, size),
    categories: () => columns.categories.all(),
  };
}

function rowsOf(documents: readonly RowDocument[] | undefined): ReadonlySet<number> | undefined {
  return documents && new Set(documents.map(({ row }) => row));
}

/**
 * A row as a document, read from the index field by field: nothing is copied for a candidate. A class, because the accessors of
 * an object literal are closures, three of each of 200 candidates, which kept 20 to 40 MB resident.
 */
class RowDocument implements RankedDocument {
  readonly row: number;
  private readonly index: EmbeddedIndex;

  constructor(index: EmbeddedIndex, row: number) {
    this.index = index;
    this.row = row;
  }

  get id(): string {
    return this.index.columns.ids[this.row] ?? "";
  }

  get version(): number {
    return this.index.columns.version[this.row] ?? 0;
  }

  get isInStock(): boolean {
    return this.index.columns.inStock[this.row] === 1;
  }

  get tokens(): DocumentTokens {
    return this.index.tokensOf(this.row);
  }

  get brand(): string | undefined {
    return this.index.columns.brandKeyOf(this.row);
  }

  get category(): string | undefined {
    return this.index.columns.categorySlugOf(this.row);
  }

  get attributes(): Int32Array {
    return this.index.attributesOf(this.row);
  }

  get title(): Title {
    return this.index.titleOf(this.row);
  }
}
