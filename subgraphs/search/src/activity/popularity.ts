import type { Interaction } from "./activity.ts";

/** A unit sold counts as twenty views. */
const unitWeight = 20;
/** An interaction counts half of one that comes this much later. */
const halfLifeMs = 90 * 24 * 3600 * 1000;
const decayOriginMs = Date.UTC(2026, 0, 1);

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
