import { add, isSameMoney, share, subtract, times, zero, type Money } from "@shop/values";
import { priceOf, type Cart, type CartLine, type Variant, type Variants } from "./cart.ts";
import type { FlashPrice, SaleRule } from "./flash-sale.ts";
import { wholeRate } from "./tax-rates.ts";

export type PricedLine = {
  id: string;
  sku: string;
  quantity: number;
  /** The variant in the projection; undefined when the projection has no event about it. */
  variant: Variant | undefined;
  variantId: string;
  title: string;
  imageUrl: string | null;
  isForSale: boolean;
  unitPrice: Money;
  wasPrice: Money;
  lineTotal: Money;
  /** A flash-sale ticket buys it. */
  isFlash: boolean;
};

export type PricedCart = {
  cart: Cart;
  lines: PricedLine[];
  subtotal: Money;
  discount: Money;
  tax: Money;
  total: Money;
  weightGrams: number;
};

/** Prices the cart at today's prices; the SKU of a flash-sale ticket at the sale's. Tax is rounded at the line, so that lines sum to the total. */
export function priceCart(
  cart: Cart,
  variants: Variants,
  taxRate: number,
  flash?: FlashPrice | null,
): PricedCart {
  const lines = cart.lines.map((line) => {
    const price = flash?.sku === line.sku ? flash.price : undefined;
    return priceLine(line, variants.get(line.sku), cart.currency, price);
  });
  const none = zero(cart.currency);
  const subtotal = add(none, ...lines.map((line) => line.lineTotal));
  const tax = add(none, ...lines.map((line) => taxOn(line.lineTotal, taxRate)));
  const weights = lines.map((line) => (line.variant?.weightGrams ?? 0) * line.quantity);
  return {
    cart,
    lines,
    subtotal,
    discount: none,
    tax,
    total: add(subtract(subtotal, none), tax),
    weightGrams: weights.reduce((sum, weight) => sum + weight, 0),
  };
}

export function taxOn(amount: Money, taxRate: number): Money {
  return share(amount, taxRate, wholeRate);
}

export type CartProblem =
  | { kind: "NotEnoughStock"; lineId: string; sku: string; requested: number; available: number }
  | { kind: "PriceChanged"; lineId: string; was: Money; now: Money }
  | { kind: "NotForSale"; lineId: string; sku: string }
  | { kind: "QueueRequired"; lineId: string; flashSaleId: string };

/** The problems that would stop or change a checkout now, with the flash sale that rules each SKU. */
export function problemsOf(
  { lines }: PricedCart,
  ruleOf: (line: PricedLine) => SaleRule | undefined,
): CartProblem[] {
  return lines.flatMap((line): CartProblem[] => {
    const { id: lineId, sku, quantity: requested } = line;
    if (!line.isForSale) return [{ kind: "NotForSale", lineId, sku }];
    if (line.isFlash) return [];
    const rule = ruleOf(line);
    if (rule)
      return [
        rule.isRunning
          ? { kind: "QueueRequired", lineId, flashSaleId: rule.saleId }
          : { kind: "NotForSale", lineId, sku },
      ];
    const available = line.variant?.available ?? 0;
    const found: CartProblem[] = [];
    if (requested > available) found.push({ kind: "NotEnoughStock", lineId, sku, requested, available });
    if (!isSameMoney(line.wasPrice, line.unitPrice)) {
      found.push({ kind: "PriceChanged", lineId, was: line.wasPrice, now: line.unitPrice });
    }
    return found;
  });
}

function priceLine(
  line: CartLine,
  found: Variant | undefined,
  currency: string,
  flashPrice?: Money,
): PricedLine {
  // A SKU may have gone to another product, which isn't what was put into the cart.
  const variant = found?.variantId === line.variantId ? found : undefined;
  const today = flashPrice ?? priceOf(variant, currency);
  // A line without a price today can't be bought; the cart still shows it, at the price when it was added.
  const unitPrice = today ?? line.priceWhenAdded;
  return {
    id: line.id,
    sku: line.sku,
    quantity: line.quantity,
    variant,
    variantId: line.variantId,
    title: variant?.title ?? line.sku,
    imageUrl: variant?.imageUrl ?? null,
    isForSale: Boolean(variant?.isForSale && today),
    unitPrice,
    wasPrice: line.priceWhenAdded,
    lineTotal: times(unitPrice, line.quantity),
    isFlash: flashPrice !== undefined,
  };
}
