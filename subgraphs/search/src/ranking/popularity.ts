import type { Interaction } from "../engine/engine.ts";

/** A unit sold counts as twenty views. */
const unitWeight = 20;
/** An interaction counts half of one that comes this much later. */
const halfLifeMs = 90 * 24 * 3600 * 1000;
const decayOriginMs = Date.UTC(2026, 0, 1);
const maxRankSteps = 2 ** 20 - 1;
const stepsInDoubling = 2 ** 13;

/** The weight of an interaction in its customer's preferences; it doesn't decay, since only the last fifty count. */
export function interactionWeight({ bought }: Pick<Interaction, "bought">): number {
  return bought > 0 ? bought * unitWeight : 1;
}

/**
 * What an interaction adds to a product's popularity. Later interactions weigh exponentially more, so that older ones decay
 * beside them and no sum has to be rewritten.
 */
export function popularityGain(interaction: Pick<Interaction, "bought" | "atMs">): number {
  return Math.max(
    1,
    Math.round(interactionWeight(interaction) * 2 ** ((interaction.atMs - decayOriginMs) / halfLifeMs)),
  );
}

/** The rank of a product regardless of the query, one integer below 2^51: by popularity, then the newest first. */
export function staticRankOf(popularity: number, publishedAt: number): number {
  const seconds = Math.min(2 ** 31 - 1, Math.max(0, Math.floor(publishedAt / 1000)));
  const steps = Math.min(maxRankSteps, Math.round(Math.log2(1 + popularity) * stepsInDoubling));
  return steps * 2 ** 31 + seconds;
}
