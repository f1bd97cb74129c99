import type { Judged, Score } from "./judge-queries.ts";

/** How much the first tens of two engines have in common, for the queries as typed; the least first. */
export function overlaps(
  one: readonly Judged[],
  other: readonly Judged[],
): { query: string; share: number }[] {
  const found = new Map(other[0]?.scores.map((score) => [score.query, score]));
  return (one[0]?.scores ?? [])
    .map((score) => ({
      query: score.query,
      share: shareOf(score.first, found.get(score.query)?.first ?? []),
    }))
    .toSorted((a, b) => a.share - b.share);
}

function shareOf(one: readonly string[], other: readonly string[]): number {
  const longest = Math.max(one.length, other.length);
  return longest === 0 ? 1 : one.filter((id) => other.includes(id)).length / longest;
}

/** Means of five parts of the queries, each of every fifth one: how far a mean depends on which queries were asked. */
export function foldMeans(scores: readonly Score[]): number[] {
  const queries = scores.toSorted((one, other) => (one.rated < other.rated ? -1 : 1));
  return Array.from({ length: folds }, (_, fold) => {
    const some = queries.filter((_one, at) => at % folds === fold);
    return some.reduce((sum, { strict }) => sum + strict, 0) / Math.max(1, some.length);
  });
}

const folds = 5;

/**
 * Unrated products, to be judged by a person: query, id and title, in an order that shows neither engine nor rank.
 */
export function unratedPairs(judged: readonly Judged[], titles: ReadonlyMap<string, string>): string[] {
  const pairs = judged.flatMap(({ scores }) =>
    scores.flatMap(({ rated, unrated }) => unrated.map((id) => `${rated},${id},,${titles.get(id) ?? ""}`)),
  );
  return [...new Set(pairs)].sort();
}
