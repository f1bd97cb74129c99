import type { DecisionContext, UnpaidRules } from "./transition.ts";

/** How long an order waits to be paid once an attempt was made, where the settings don't say: 15 minutes. */
export const defaultExpirySeconds = 900;

/** The rules of held and unpaid orders where the settings don't say: 10 minutes before the first attempt, 8 attempts. */
export const defaultUnpaidRules: UnpaidRules = { expirySeconds: 600, maxAttempts: 8 };

/** How long an order holds stock before the first attempt to pay; never longer than after one. */
export function unpaidExpirySeconds({ expirySeconds, rules = defaultUnpaidRules }: DecisionContext): number {
  return Math.min(expirySeconds, rules.expirySeconds);
}
