import type { Place, SearchRequest } from "../engine/engine.ts";
import {
  compareIds,
  type Match,
  type RankedDocument,
  type SearchIndex,
  type Title,
} from "../engine/search-index.ts";

/** A candidate with its score. */
export type Ranked = { document: RankedDocument; score: number };

/** An entry of a page; its title is read when it is shown. */
export type Placed = { place: Place; score: number; shown: { readonly title: Title } };

type Found<M extends Match> = {
  match: M;
  candidates: M["candidates"];
  ranked: readonly Ranked[];
};

/**
 * The page behind a place, tier by tier: the products in stock before those that are not. By relevance the ranked candidates come first in their tier, then the rest by static rank. Ties are by
 * id, which outlives a rebuild, so the order is total and paging reaches the end without duplicates.
 */
export async function pageOf<M extends Match>(
  index: SearchIndex<M>,
  request: SearchRequest,
  { match, candidates, ranked }: Found<M>,
): Promise<{ entries: Placed[]; hasNextPage: boolean }> {
  const { sort, filters, size } = request;
  const isByRank = sort === "RELEVANCE";
  const tierOf = ({ isInStock }: RankedDocument) => (isInStock ? 0 : 1);
  const after = request.after && placeNow(request.after, request, ranked, tierOf);
  const scoreOf = isByRank ? () => 0 : scoresById(ranked);
  const entries: Placed[] = [];
  const isFull = () => entries.length > size;
  for (let tier = 0; tier < 2 && !isFull(); tier++) {
    if (after && tier < after.tier) continue;
    const from = after?.tier === tier ? after : undefined;
    if (isByRank)
      entries.push(...rankedEntries(ranked, tier, tierOf, from).slice(0, size + 1 - entries.length));
    const isAllRanked = isByRank && match.passing <= ranked.length;
    if (isFull() || isAllRanked) continue;
    const rest = await index.sortedPage(match, {
      sort,
      currency: filters.currency,
      isInStock: tier === 0,
      exclude: isByRank && ranked.length > 0 ? candidates : undefined,
      after: from,
      size: size + 1 - entries.length,
    });
    entries.push(...rest.map((entry) => placed(entry, tier, entry.key, scoreOf(entry.id))));
  }
  return { entries: entries.slice(0, size), hasNextPage: isFull() };
}

function rankedEntries(
  ranked: readonly Ranked[],
  tier: number,
  tierOf: (document: RankedDocument) => number,
  after: Place | undefined,
): Placed[] {
  return ranked
    .filter(({ document, score }) => {
      if (tierOf(document) !== tier) return false;
      return !after || (-score - after.key || compareIds(document.id, after.id)) > 0;
    })
    .sort((one, other) => other.score - one.score || compareIds(one.document.id, other.document.id))
    .map(({ document, score }) => placed(document, tier, -score, score));
}

function placed(
  shown: Pick<RankedDocument, "id" | "version" | "title">,
  tier: number,
  key: number,
  score: number,
): Placed {
  return { place: { tier, key, version: shown.version, id: shown.id }, score, shown };
}

// The page continues from the old place of the cursor's product, even if the product has moved: its new place may be far off.
// Only if the product itself is unchanged its current score is used, since all scores have shifted with it.
function placeNow(
  place: Place,
  { query, sort }: SearchRequest,
  ranked: readonly Ranked[],
  tierOf: (document: RankedDocument) => number,
): Place {
  if (sort !== "RELEVANCE" || query.trim() === "") return place;
  const found = ranked.find(({ document }) => document.id === place.id);
  const isSame = found && tierOf(found.document) === place.tier && found.document.version === place.version;
  return isSame ? { ...place, key: -found.score } : place;
}

function scoresById(ranked: readonly Ranked[]): (id: string) => number {
  const scores = new Map(ranked.map(({ document, score }) => [document.id, score]));
  return (id) => scores.get(id) ?? 0;
}
