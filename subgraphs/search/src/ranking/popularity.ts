import type { Interaction } from "../engine.ts";

/** A unit sold says as much as twenty looks. */
const unitWeight = 20;
/** An act counts half of one that comes so much later. */
const halfLifeMs = 90 * 24 * 3600 * 1000;
const decayOriginMs = Date.UTC(2026, 0, 1);
const maxRankSteps = 2 ** 20 - 1;
const stepsInDoubling = 2 ** 13;

/** What an act says of who did it: the newest fifty say all alike. */
export function interactionWeight({ bought }: Pick<Interaction, "bought">): number {
  return bought > 0 ? bought * unitWeight : 1;
}

/**
 * How much an act adds to a product's popularity. Later acts weigh more, so that older ones fade beside them and no sum
 * ever has to be written anew.
 */
export function popularityOf(interaction: Pick<Interaction, "bought" | "atMs">): number {
  return Math.max(
    1,
    Math.round(interactionWeight(interaction) * 2 ** ((interaction.atMs - decayOriginMs) / halfLifeMs)),
  );
}

/** One number to sort by where no words decide: popularity first, then the newest; whole, and below 2^51. */
export function staticRankOf(popularity: number, publishedAt: number): number {
  const seconds = Math.min(2 ** 31 - 1, Math.max(0, Math.floor(publishedAt / 1000)));
  const steps = Math.min(maxRankSteps, Math.round(Math.log2(1 + popularity) * stepsInDoubling));
  return steps * 2 ** 31 + seconds;
}
