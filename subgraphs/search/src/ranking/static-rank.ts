const maxRankSteps = 2 ** 20 - 1;
const stepsInDoubling = 2 ** 13;

/** The rank of a product regardless of the query, one integer below 2^51: by popularity, then the newest first. */
export function staticRankOf(popularity: number, publishedAt: number): number {
  const seconds = Math.min(2 ** 31 - 1, Math.max(0, Math.floor(publishedAt / 1000)));
  const steps = Math.min(maxRankSteps, Math.round(Math.log2(1 + popularity) * stepsInDoubling));
  return steps * 2 ** 31 + seconds;
}
