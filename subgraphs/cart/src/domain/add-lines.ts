import { userError } from "@shop/values";
import {
  maxLines,
  maxQuantity,
  priceOf,
  withLines,
  type Cart,
  type CartLine,
  type Edit,
  type EditContext,
  type UserError,
  type Variant,
} from "./cart.ts";

export type LineToAdd = { sku: string; quantity: number };

/**
 * Adds units to the line of the SKU, or adds a line; entries of the same SKU add up. Stock never limits an edit: the cart
 * shows missing stock as a problem.
 */
export function addLines(cart: Cart, input: readonly LineToAdd[], context: EditContext): Edit {
  if (input.length === 0) return { cart };
  const lines = new Map(cart.lines.map((line) => [line.sku, line]));
  const errors: UserError[] = [];
  input.forEach(({ sku, quantity }, at) => {
    const variant = context.variants.get(sku);
    const error = check(cart, { sku, quantity }, variant, at);
    if (error || !variant) return errors.push(...(error ? [error] : []));
    const grown = grow(lines.get(sku), quantity, variant, cart.currency, context);
    if (grown.quantity > maxQuantity) return errors.push(tooMany(at));
    lines.set(sku, grown);
  });
  if (lines.size > maxLines)
    errors.push(userError("QUANTITY_LIMIT", `A cart takes at most ${maxLines} lines.`, ["lines"]));
  if (errors.length > 0) return { errors };
  return { cart: withLines(cart, [...lines.values()], context.now) };
}

function check(cart: Cart, line: LineToAdd, variant: Variant | undefined, at: number): UserError | undefined {
  const { sku, quantity } = line;
  const field = ["lines", String(at), "sku"];
  if (!Number.isSafeInteger(quantity) || quantity < 1)
    return userError("INVALID_INPUT", "The quantity must be 1 or more.", ["lines", String(at), "quantity"]);
  if (quantity > maxQuantity) return tooMany(at);
  // NOT_FOUND is the cart itself: a client would throw it away.
  if (!variant) return userError("NOT_FOR_SALE", `There is no SKU "${sku.slice(0, 80)}".`, field);
  if (!variant.isForSale)
    return userError("NOT_FOR_SALE", `"${variant.title}" is no longer for sale.`, field);
  if (!priceOf(variant, cart.currency))
    return userError("CURRENCY_NOT_SUPPORTED", `"${variant.title}" has no price in ${cart.currency}.`, field);
  return undefined;
}

function grow(
  line: CartLine | undefined,
  quantity: number,
  variant: Variant,
  currency: string,
  { newLineId }: EditContext,
): CartLine {
  const priceWhenAdded = priceOf(variant, currency) ?? line?.priceWhenAdded;
  if (!priceWhenAdded) throw new Error(`"${variant.sku}" was to be added without a price`);
  const { sku, variantId } = variant;
  return line?.variantId === variantId
    ? { ...line, quantity: line.quantity + quantity, priceWhenAdded }
    : { id: newLineId(), sku, variantId, quantity, priceWhenAdded };
}

/** The error of an entry that makes its line too long. */
export function tooMany(at: number): UserError {
  const message = `A line takes at most ${maxQuantity} units.`;
  return userError("QUANTITY_LIMIT", message, ["lines", String(at), "quantity"]);
}
