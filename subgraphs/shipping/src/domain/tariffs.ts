import type { Zone } from "./zones.ts";

/** The shipping options, as in `shippingOptionId`. */
export const optionIds = ["standard", "express"] as const;

export type OptionId = (typeof optionIds)[number];

/** In minor units: for the first kilogram, and for each further one begun. */
export type Tariff = { first: number; further: number };

/** Prices without tax. Carts in other currencies can't be shipped. */
export const tariffs: Record<string, Record<Zone, Record<OptionId, Tariff>>> = {
  USD: {
    HOME: { standard: { first: 499, further: 100 }, express: { first: 1499, further: 250 } },
    NEAR: { standard: { first: 1299, further: 300 }, express: { first: 2999, further: 500 } },
    FAR: { standard: { first: 2499, further: 600 }, express: { first: 4999, further: 900 } },
  },
  EUR: {
    HOME: { standard: { first: 449, further: 90 }, express: { first: 1399, further: 230 } },
    NEAR: { standard: { first: 1199, further: 270 }, express: { first: 2799, further: 460 } },
    FAR: { standard: { first: 2299, further: 550 }, express: { first: 4599, further: 830 } },
  },
  GBP: {
    HOME: { standard: { first: 399, further: 80 }, express: { first: 1199, further: 200 } },
    NEAR: { standard: { first: 999, further: 240 }, express: { first: 2399, further: 400 } },
    FAR: { standard: { first: 1999, further: 480 }, express: { first: 3999, further: 720 } },
  },
};

/** Days on the way. */
export const daysOnTheWay: Record<Zone, Record<OptionId, number>> = {
  HOME: { standard: 3, express: 1 },
  NEAR: { standard: 6, express: 2 },
  FAR: { standard: 12, express: 4 },
};
