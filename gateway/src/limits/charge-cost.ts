import { budgetSpent } from "../errors/coded-errors.ts";
import type { Metrics } from "../metrics.ts";
import type { RequestContext } from "../request-context.ts";
import type { CostBudget } from "./cost-budget.ts";

/** Charges an operation's points as they become known. Throws RATE_LIMITED when its caller or their address has none left. */
export type ChargeCost = (points: number, context: RequestContext) => Promise<void>;

/** The points of a request before it is parsed: its bytes stay in memory until the answer. */
export const requestPoints = (bytes: number): number => 1 + Math.ceil(bytes / 50);

/**
 * The points of a document that is not cached: validating and planning it takes milliseconds for 1 kB, and up to 0.5 s for
 * 10 kB, since each field is compared with each other of its name. So 2 kB cost 1,500 points, and 10 kB 34,000.
 */
export const uncachedDocumentPoints = (text: string): number =>
  Math.ceil(text.length / 10 + text.length ** 2 / 3_000);

export function costCharger(budget: CostBudget, metrics: Metrics): ChargeCost {
  return async (points, context) => {
    const charge = await budget.charge(points, context);
    if (!charge) return;
    const { remaining, limit, resetInSeconds, retryAfterSeconds } = charge;
    const requested = points + (context.cost?.requested ?? 0);
    context.cost = { requested, remaining, limit, resetInSeconds };
    if (retryAfterSeconds === 0) return;
    metrics.refusals.labels("cost").inc();
    throw budgetSpent(context.cost, retryAfterSeconds);
  };
}
