import { z } from "zod";
import { defaultExpirySeconds, defaultUnpaidRules, type UnpaidRules } from "./domain/index.ts";
import { orderTokenKeys } from "./order-token.ts";
import { type DeclineLimits, defaultDeclineLimits } from "./store/declines.ts";
import { defaultUnpaidLimits, type UnpaidLimits } from "./store/unpaid-orders.ts";

const count = (byDefault: number) => z.coerce.number().int().positive().default(byDefault);

export const settings = {
  ORDER_TOKEN_KEYS: orderTokenKeys,
  ORDER_EXPIRY_SECONDS: count(defaultExpirySeconds),
  UNPAID_EXPIRY_SECONDS: count(defaultUnpaidRules.expirySeconds),
  MAX_PAYMENT_ATTEMPTS: count(defaultUnpaidRules.maxAttempts),
  MAX_UNPAID_PER_CUSTOMER: count(defaultUnpaidLimits.perCustomer),
  MAX_UNPAID_PER_EMAIL: count(defaultUnpaidLimits.perEmail),
  MAX_UNPAID_PER_ADDRESS: count(defaultUnpaidLimits.perAddress),
  MAX_DECLINES_PER_ADDRESS: count(defaultDeclineLimits.perAddress),
  MAX_DECLINES_PER_CUSTOMER: count(defaultDeclineLimits.perCustomer),
  MAX_DECLINES_PER_ADDRESS_SIGNED_IN: count(defaultDeclineLimits.perAddressSignedIn),
  DECLINES_WINDOW_SECONDS: count(defaultDeclineLimits.windowS),
  /** `off` lifts the limits of declines, the only throttle among these. */
  LIMITS: z.enum(["on", "off"]).default("on"),
};

export type Settings = { [K in keyof typeof settings]: z.infer<(typeof settings)[K]> };

/** The rules and limits that the store applies. */
export type Limits = {
  expirySeconds: number;
  rules?: UnpaidRules;
  unpaid?: UnpaidLimits;
  declines?: DeclineLimits;
};

export function readLimits(config: Settings): Limits & { rules: UnpaidRules } {
  const throttle = (limit: number) => (config.LIMITS === "off" ? 2_147_483_647 : limit);
  return {
    expirySeconds: config.ORDER_EXPIRY_SECONDS,
    rules: { expirySeconds: config.UNPAID_EXPIRY_SECONDS, maxAttempts: config.MAX_PAYMENT_ATTEMPTS },
    unpaid: {
      perCustomer: config.MAX_UNPAID_PER_CUSTOMER,
      perEmail: config.MAX_UNPAID_PER_EMAIL,
      perAddress: config.MAX_UNPAID_PER_ADDRESS,
    },
    declines: {
      perAddress: throttle(config.MAX_DECLINES_PER_ADDRESS),
      perCustomer: throttle(config.MAX_DECLINES_PER_CUSTOMER),
      perAddressSignedIn: throttle(config.MAX_DECLINES_PER_ADDRESS_SIGNED_IN),
      windowS: config.DECLINES_WINDOW_SECONDS,
    },
  };
}
