import { budgetSpent } from "../errors/coded-errors.ts";
import type { Metrics } from "../metrics.ts";
import type { RequestContext } from "../request-context.ts";
import type { CostBudget } from "./cost-budget.ts";

/** Charges an operation's points as they become known. Throws RATE_LIMITED when its caller or their address has none left. */
export type ChargeCost = (points: number, context: RequestContext) => Promise<void>;

/** The points of a request before it is parsed: its bytes stay in memory until the answer. */
export const requestPoints = (bytes: number): number => 1 + Math.ceil(bytes / 50);

/**
 * The points of a document that is not cached. Parsing, validating and planning take 2 ms for the shortest one, 15 ms for
 * 1.5 kB of unknown fields, and up to 0.5 s for 10 kB, since each field is compared with each other of its name; a millisecond
 * of other work costs some 300 points. So 40 bytes cost 520 points, 2 kB 2,800, and 10 kB 39,000.
 */
export const uncachedDocumentPoints = (text: string): number =>
  Math.ceil(500 + text.length / 2 + text.length ** 2 / 3_000);

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
