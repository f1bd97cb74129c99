import type { Language } from "../../text/language.ts";
import type { SynonymFile } from "../../text/synonym-file.ts";
import type { Match, RankedDocument, SearchIndex } from "../search-index.ts";
import { completeNames } from "./complete-names.ts";
import { countFacets } from "./count-facets.ts";
import type { EmbeddedIndex } from "./embedded-index.ts";
import { failedFilters } from "./filter-rows.ts";
import { Matcher, type Matches } from "./match-rows.ts";
import { NameIndex } from "./name-index.ts";
import { sortedRows } from "./sorted-page.ts";

type RowDocument = RankedDocument & { row: number };
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
  // Parts that few documents are asked for are read when they are.
  const documentOf = (row: number): RowDocument => ({
    row,
    id: columns.ids[row] ?? "",
    version: columns.version[row] ?? 0,
    isInStock: columns.inStock[row] === 1,
    tokens: index.tokensOf(row),
    get brand() {
      return columns.brandKeyOf(row);
    },
    category: columns.categorySlugOf(row),
    get attributes() {
      return index.attributesOf(row);
    },
    get title() {
      return index.titleOf(row);
    },
  });
  const asMatch = ({ matches, candidates }: ReturnType<Matcher["matchAll"]>): EmbeddedMatch => ({
    matches,
    candidates: candidates.map(documentOf),
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
        Object.assign(documentOf(row), { key }),
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
