import type { RequestInput, PricedShippingOption } from "@shop/events";
import type { Bus, Identity } from "@shop/service";
import { LRUCache } from "lru-cache";

type Input = RequestInput<"shipping.options">;

/**
 * Requests shipping's options for a cart. While shipping is unavailable, its last reply to the same input stays valid for 15
 * minutes, so that a shopper who has seen a price can still buy at it. `nowMs` must be monotonic.
 */
export function shippingOptions(bus: Pick<Bus, "request">, nowMs = () => performance.now()) {
  const replies = new LRUCache<string, { options: PricedShippingOption[]; untilMs: number }>({ max: 20_000 });

  return async (input: Input, identity: Identity): Promise<PricedShippingOption[]> => {
    const key = keyOf(input);
    try {
      const { options } = await bus.request("shipping.options", input, identity, { timeoutMs });
      replies.set(key, { options, untilMs: nowMs() + cachedMs });
      return options;
    } catch (error) {
      const last = replies.get(key);
      if (!last || last.untilMs < nowMs()) throw error;
      return last.options;
    }
  };
}

/** The part of the input that the price depends on: not the recipient's name. */
function keyOf({ weightGrams, subtotal, address }: Input): string {
  const { country, region, postalCode, city } = address;
  return JSON.stringify([weightGrams, subtotal.amount, subtotal.currency, country, region, postalCode, city]);
}

/** Shorter than the 2 s for which order waits for the quote. */
const timeoutMs = 1_500;
const cachedMs = 15 * 60_000;
