import { setTimeout as sleep } from "node:timers/promises";
import type { Buyer } from "./buyer.ts";
import { percentiles, type Percentiles } from "../percentiles.ts";

/** What some buyers did in a closed loop: each begins the next checkout when its last order is confirmed. */
export type Loop = {
  buyers: number;
  orders: number;
  /** Checkouts that did not end in a confirmed order, by reason. */
  refused: Map<string, number>;
  perSecond: number;
  seconds: number;
  call: Percentiles;
  confirmed: Percentiles;
};

/**
 * All buyers buy at once for `seconds`. With `perSecond` the checkouts begin at that pace (an open loop with as many in
 * flight as there are buyers); a buyer that falls behind the pace begins at once. With `orders` it ends after so many checkouts.
 */
export async function buyInLoops(
  buyers: readonly Buyer[],
  skus: readonly string[],
  options: { seconds: number; perSecond?: number; orders?: number },
): Promise<Loop> {
  const calls: number[] = [];
  const confirmations: number[] = [];
  const refused = new Map<string, number>();
  const begun = performance.now();
  const until = begun + options.seconds * 1000;
  let turn = 0;
  const buyOn = async (buyer: Buyer): Promise<void> => {
    for (;;) {
      const mine = turn++;
      const dueAt = options.perSecond ? begun + (mine / options.perSecond) * 1000 : 0;
      const waitMs = dueAt - performance.now();
      if (waitMs > 0) await sleep(waitMs);
      if (performance.now() > until || mine >= (options.orders ?? Infinity)) return;
      const result = await buyer.buy(skus[mine % skus.length] as string);
      if ("refused" in result) refused.set(result.refused, (refused.get(result.refused) ?? 0) + 1);
      else {
        calls.push(result.callMs);
        confirmations.push(result.confirmedMs);
      }
    }
  };
  await Promise.all(buyers.map(buyOn));
  const seconds = (performance.now() - begun) / 1000;
  return {
    buyers: buyers.length,
    orders: confirmations.length,
    refused,
    seconds,
    perSecond: confirmations.length / seconds,
    call: percentiles(calls),
    confirmed: percentiles(confirmations),
  };
}
