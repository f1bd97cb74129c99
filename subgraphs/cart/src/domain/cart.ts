import type { Money } from "@shop/values";

/** Some units of one SKU; a cart has at most one line a SKU. No price is kept but the one to show beside today's. */
export type CartLine = {
  id: string;
  sku: string;
  variantId: string;
  quantity: number;
  priceWhenAdded: Money;
};

export type Cart = {
  id: string;
  /** 0 while it is not stored yet. */
  version: number;
  currency: string;
  /** Null for a guest's. */
  customerId: string | null;
  lines: readonly CartLine[];
  updatedAt: Date;
};

/** What cart must know of a variant, from its own projection. */
export type Variant = {
  sku: string;
  variantId: string;
  productId: string;
  title: string;
  imageUrl: string | null;
  prices: readonly Money[];
  weightGrams: number;
  isForSale: boolean;
  available: number;
};

/** By SKU; what is missing was never heard of. */
export type Variants = ReadonlyMap<string, Variant>;

/** An expected failure, in the API's form. */
export type Refusal = {
  code:
    | "INVALID_INPUT"
    | "NOT_FOUND"
    | "IDEMPOTENCY_KEY_REUSED"
    | "QUANTITY_LIMIT"
    | "NOT_FOR_SALE"
    | "CURRENCY_NOT_SUPPORTED";
  message: string;
  field?: string[];
};

/** A change of a cart: the cart as it should be (the very same object if nothing changes), or why not. */
export type Edit = { cart: Cart; refusals?: undefined } | { refusals: Refusal[]; cart?: undefined };

/** What a pure change needs besides the cart. */
export type EditContext = { variants: Variants; now: Date; newLineId: () => string };

export const maxQuantity = 999;
export const maxLines = 100;

export function newCart(input: { id: string; currency: string; customerId: string | null; now: Date }): Cart {
  const { id, currency, customerId, now } = input;
  return { id, version: 0, currency, customerId, lines: [], updatedAt: now };
}

/** The next version of the cart. */
export function withLines(cart: Cart, lines: readonly CartLine[], now: Date): Cart {
  return { ...cart, version: cart.version + 1, lines, updatedAt: now };
}

/** Today's price in the currency, if the variant has one. */
export function priceOf(variant: Variant | undefined, currency: string): Money | undefined {
  return variant?.prices.find((price) => price.currency === currency);
}
