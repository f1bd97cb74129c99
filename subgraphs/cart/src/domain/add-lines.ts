import {
  maxLines,
  maxQuantity,
  priceOf,
  withLines,
  type Cart,
  type CartLine,
  type Edit,
  type EditContext,
  type Refusal,
  type Variant,
} from "./cart.ts";

export type LineToAdd = { sku: string; quantity: number };

/**
 * Adds units; a SKU that is there already grows, one that stands twice in the input is summed.
 * More than is in stock may be added: stock is a problem that the cart shows, never a bar to editing.
 */
export function addLines(cart: Cart, input: readonly LineToAdd[], context: EditContext): Edit {
  if (input.length === 0) return { cart };
  const lines = new Map(cart.lines.map((line) => [line.sku, line]));
  const refusals: Refusal[] = [];
  input.forEach(({ sku, quantity }, at) => {
    const variant = context.variants.get(sku);
    const refusal = refuse(cart, { sku, quantity }, variant, at);
    if (refusal || !variant) return refusals.push(...(refusal ? [refusal] : []));
    const grown = grow(lines.get(sku), quantity, variant, cart.currency, context);
    if (grown.quantity > maxQuantity) return refusals.push(tooMany(at));
    lines.set(sku, grown);
  });
  if (lines.size > maxLines) {
    refusals.push({
      code: "QUANTITY_LIMIT",
      message: `A cart takes at most ${maxLines} lines.`,
      field: ["lines"],
    });
  }
  if (refusals.length > 0) return { refusals };
  return { cart: withLines(cart, [...lines.values()], context.now) };
}

function refuse(cart: Cart, line: LineToAdd, variant: Variant | undefined, at: number): Refusal | undefined {
  const { sku, quantity } = line;
  const bySku = ["lines", String(at), "sku"];
  if (!Number.isSafeInteger(quantity) || quantity < 1) {
    const field = ["lines", String(at), "quantity"];
    return { code: "INVALID_INPUT", message: "The quantity must be 1 or more.", field };
  }
  if (quantity > maxQuantity) return tooMany(at);
  if (!variant) return { code: "NOT_FOUND", message: `There is no SKU "${sku.slice(0, 80)}".`, field: bySku };
  if (!variant.isForSale) {
    return { code: "NOT_FOR_SALE", message: `"${variant.title}" is no longer for sale.`, field: bySku };
  }
  if (!priceOf(variant, cart.currency)) {
    const message = `"${variant.title}" has no price in ${cart.currency}.`;
    return { code: "CURRENCY_NOT_SUPPORTED", message, field: bySku };
  }
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
  return line
    ? { ...line, variantId, quantity: line.quantity + quantity, priceWhenAdded }
    : { id: newLineId(), sku, variantId, quantity, priceWhenAdded };
}

function tooMany(at: number): Refusal {
  const field = ["lines", String(at), "quantity"];
  return { code: "QUANTITY_LIMIT", message: `A line takes at most ${maxQuantity} units.`, field };
}
