import type { Act } from "../engine.ts";

/** A unit sold says as much as twenty looks. */
const unitWeight = 20;
const mostPopularity = 2 ** 20 - 1;

/** How much an act adds to a product's popularity. */
export function weightOf({ bought }: Pick<Act, "bought">): number {
  return bought > 0 ? bought * unitWeight : 1;
}

/** One number to sort by where no words decide: popularity first, then the newest; whole, and below 2^51. */
export function standingOf(popularity: number, publishedAt: number): number {
  const seconds = Math.min(2 ** 31 - 1, Math.max(0, Math.floor(publishedAt / 1000)));
  return Math.min(mostPopularity, popularity) * 2 ** 31 + seconds;
}
