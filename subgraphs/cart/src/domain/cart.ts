import type { Money, UserError as ErrorWith } from "@shop/values";
import type { PlannedSales } from "./flash-sale.ts";

/** Some units of one SKU; a cart has at most one line per SKU. The price when added is for display beside today's price. */
export type CartLine = {
  id: string;
  sku: string;
  variantId: string;
  quantity: number;
  priceWhenAdded: Money;
};

export type Cart = {
  id: string;
  /** 0 before the first write. */
  version: number;
  currency: string;
  /** Null for a guest cart. */
  customerId: string | null;
  lines: readonly CartLine[];
  updatedAt: Date;
};

/** A variant in cart's projection. */
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
  sales: PlannedSales;
};

/** Variants by SKU; the projection lacks an SKU before catalog's first event about it. */
export type Variants = ReadonlyMap<string, Variant>;

export type UserError = ErrorWith<
  | "INVALID_INPUT"
  | "NOT_FOUND"
  | "IDEMPOTENCY_KEY_REUSED"
  | "QUANTITY_LIMIT"
  | "NOT_FOR_SALE"
  | "CURRENCY_NOT_SUPPORTED"
>;

/** A rule's decision: the cart's next state (the same object when nothing changes), or the errors. */
export type Edit = { cart: Cart; errors?: undefined } | { errors: UserError[]; cart?: undefined };

/** The input of a rule besides the cart. */
export type EditContext = { variants: Variants; now: Date; newLineId: () => string };

export const maxQuantity = 999;
export const maxLines = 100;

/** How many seconds a guest's cart is kept from its last touch: 30 days, or 6 hours without lines. */
export function guestTtlS({ lines }: Pick<Cart, "lines">): number {
  return lines.length === 0 ? 6 * 3600 : 30 * 24 * 3600;
}

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
