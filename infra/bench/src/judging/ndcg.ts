const depth = 10;

/**
 * nDCG@10 with gain 2^rating − 1; an unrated product gains nothing. NaN when no product was rated above 0.
 * "Condensed" is this of a list without its unrated products.
 */
export function ndcg(ids: readonly string[], ratings: ReadonlyMap<string, number>): number {
  const best = [...ratings.values()].sort((one, other) => other - one);
  const most = gainOf(best);
  return most === 0 ? NaN : gainOf(ids.map((id) => ratings.get(id) ?? 0)) / most;
}

function gainOf(ratings: readonly number[]): number {
  return ratings.slice(0, depth).reduce((sum, rating, at) => sum + (2 ** rating - 1) / Math.log2(at + 2), 0);
}
