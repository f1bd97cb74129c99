import type { Bus, Identity } from "@shop/service";

/** How long a reply counts: tariffs change with a release. */
const keptMs = 10 * 60_000;
const timeoutMs = 1_500;

/**
 * Whether a cart in the currency could be sent anywhere, by shipping's last reply. True while shipping has never replied:
 * a cart can be made then, and its quote says what is wrong. `nowMs` must be monotonic.
 */
export function shippingCurrencies(bus: Pick<Bus, "request">, nowMs = () => performance.now()) {
  let known: { currencies: ReadonlySet<string>; untilMs: number } | undefined;
  return async (currency: string, identity: Identity): Promise<boolean> => {
    if (!known || known.untilMs < nowMs()) {
      const reply = await bus
        .request("shipping.currencies", {}, identity, { timeoutMs })
        // Away: what it said last stands.
        .catch(() => undefined);
      if (reply) known = { currencies: new Set(reply.currencies), untilMs: nowMs() + keptMs };
    }
    return known ? known.currencies.has(currency) : true;
  };
}
