const depth = 10;

/**
 * nDCG@10 with gain 2^rating − 1; what nobody rated gains nothing. NaN when nothing good was rated at all.
 * "Condensed" is this of a list without what nobody rated.
 */
export function ndcg(ids: readonly string[], ratings: ReadonlyMap<string, number>): number {
  const best = [...ratings.values()].sort((one, other) => other - one);
  const most = gainOf(best);
  return most === 0 ? NaN : gainOf(ids.map((id) => ratings.get(id) ?? 0)) / most;
}

function gainOf(ratings: readonly number[]): number {
  return ratings.slice(0, depth).reduce((sum, rating, at) => sum + (2 ** rating - 1) / Math.log2(at + 2), 0);
}
