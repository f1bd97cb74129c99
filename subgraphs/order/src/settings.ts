import { z } from "zod";
import { defaultHoldRules, type HoldRules } from "./domain/index.ts";
import { type DeclineLimits, defaultDeclineLimits } from "./store/declines.ts";
import { defaultHoldLimits, type HoldLimits } from "./store/unpaid-orders.ts";

const count = (least: number, usual: number) => z.coerce.number().int().min(least).default(usual);

/** The settings that bound orders which nobody is paying. */
export const holdSettings = {
  UNPAID_EXPIRY_SECONDS: count(1, defaultHoldRules.untriedSeconds),
  MAX_PAYMENT_ATTEMPTS: count(1, defaultHoldRules.maxAttempts),
  MAX_UNPAID_PER_CUSTOMER: count(1, defaultHoldLimits.perCustomer),
  MAX_UNPAID_PER_EMAIL: count(1, defaultHoldLimits.perEmail),
  MAX_UNPAID_PER_ADDRESS: count(1, defaultHoldLimits.perAddress),
  MAX_DECLINES_PER_ADDRESS: count(1, defaultDeclineLimits.perAddress),
  MAX_DECLINES_PER_CUSTOMER: count(1, defaultDeclineLimits.perCustomer),
  MAX_DECLINES_PER_ADDRESS_SIGNED_IN: count(1, defaultDeclineLimits.perAddressSignedIn),
  DECLINES_WINDOW_SECONDS: count(1, defaultDeclineLimits.windowS),
  /** Of these only the declines are a throttle, which `off` lifts. */
  LIMITS: z.enum(["on", "off"]).default("on"),
};

type Settings = { [K in keyof typeof holdSettings]: z.infer<(typeof holdSettings)[K]> };

export function readHoldSettings(config: Settings): {
  rules: HoldRules;
  limits: HoldLimits;
  declines: DeclineLimits;
} {
  const orNone = (most: number) => (config.LIMITS === "off" ? 2_147_483_647 : most);
  return {
    rules: { untriedSeconds: config.UNPAID_EXPIRY_SECONDS, maxAttempts: config.MAX_PAYMENT_ATTEMPTS },
    limits: {
      perCustomer: config.MAX_UNPAID_PER_CUSTOMER,
      perEmail: config.MAX_UNPAID_PER_EMAIL,
      perAddress: config.MAX_UNPAID_PER_ADDRESS,
    },
    declines: {
      perAddress: orNone(config.MAX_DECLINES_PER_ADDRESS),
      perCustomer: orNone(config.MAX_DECLINES_PER_CUSTOMER),
      perAddressSignedIn: orNone(config.MAX_DECLINES_PER_ADDRESS_SIGNED_IN),
      windowS: config.DECLINES_WINDOW_SECONDS,
    },
  };
}
