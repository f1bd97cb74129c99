import type { RequestInput, PricedShippingOption } from "@shop/events";
import type { Bus, Identity } from "@shop/service";

export type AskShipping = (
  asked: RequestInput<"shipping.options">,
  identity: Identity,
) => Promise<PricedShippingOption[]>;

/**
 * What shipping asks for a cart. While shipping is away, what it said to the same question within the last quarter of an
 * hour stands, so that who has seen a price can still buy at it. `nowMs` only moves forward.
 */
export function askShipping(bus: Pick<Bus, "request">, nowMs = () => performance.now()): AskShipping {
  const said = new Map<string, { options: PricedShippingOption[]; untilMs: number }>();

  return async (asked, identity) => {
    const question = questionOf(asked);
    try {
      const { options } = await bus.request("shipping.options", asked, identity, { timeoutMs });
      said.delete(question);
      said.set(question, { options, untilMs: nowMs() + standsMs });
      if (said.size > mostKept) forgetOldest();
      return options;
    } catch (error) {
      const last = said.get(question);
      if (!last || last.untilMs < nowMs()) throw error;
      return last.options;
    }
  };

  function forgetOldest() {
    for (const oldest of said.keys()) {
      said.delete(oldest);
      break;
    }
  }
}

/** Who lives there doesn't matter to a price. */
function questionOf({ weightGrams, subtotal, address }: RequestInput<"shipping.options">): string {
  const { country, region, postalCode, city } = address;
  return JSON.stringify([weightGrams, subtotal.amount, subtotal.currency, country, region, postalCode, city]);
}

/** Less than the 2 s that order waits for the quote that comes of it. */
const timeoutMs = 1_500;
const standsMs = 15 * 60_000;
const mostKept = 20_000;
