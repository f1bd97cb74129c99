import { money } from "@shop/values";
import { describe, expect, it } from "vitest";
import { newCart, type Cart, type Variant, type Variants } from "./cart.ts";
import { priceCart, problemsOf } from "./price-cart.ts";
import { quoteOf, totalsOf } from "./quote-cart.ts";
import { taxRateOf } from "./tax-rates.ts";

const usd = (amount: number) => money(amount, "USD");

function variant(sku: string, price: number, changes: Partial<Variant> = {}): Variant {
  const ids = { variantId: `var_${sku}`, productId: `prd_${sku}` };
  const rest = {
    title: `The ${sku}`,
    imageUrl: null,
    weightGrams: 250,
    isForSale: true,
    available: 5,
    sales: {},
  };
  return { sku, ...ids, ...rest, prices: [usd(price)], ...changes };
}

function cartOf(lines: Record<string, [quantity: number, was: number]>): Cart {
  return {
    ...newCart({ id: "cart_1", currency: "USD", customerId: "usr_1", now: new Date(0) }),
    version: 1,
    lines: Object.entries(lines).map(([sku, [quantity, was]]) => ({
      id: `line_${sku}`,
      sku,
      variantId: `var_${sku}`,
      quantity,
      priceWhenAdded: usd(was),
    })),
  };
}

const known = (...variants: Variant[]): Variants => new Map(variants.map((it) => [it.sku, it]));
const option = {
  id: "standard",
  name: "Standard",
  price: usd(550),
  estimatedDelivery: "2026-03-05T12:00:00.000Z",
};

describe("a cart's prices", () => {
  it("are today's, and sum up line by line with tax", () => {
    const cart = cartOf({ A: [3, 1000], B: [1, 250] });
    const priced = priceCart(cart, known(variant("A", 999), variant("B", 250)), 1900);
    expect(priced.lines.map((line) => line.lineTotal)).toEqual([usd(2997), usd(250)]);
    // 2997 * 0.19 = 569.43 and 250 * 0.19 = 47.5, which goes to the even 48.
    expect(priced).toMatchObject({
      subtotal: usd(3247),
      discount: usd(0),
      tax: usd(569 + 48),
      total: usd(3864),
      weightGrams: 1000,
    });
  });

  it.each([
    [250, 48],
    [50, 10],
    [150, 28],
    [1, 0],
  ])("round the tax of a line of %i half-even to %i", (price, tax) => {
    expect(priceCart(cartOf({ A: [1, price] }), known(variant("A", price)), 1900).tax).toEqual(usd(tax));
  });

  it("of an empty cart are nothing", () => {
    expect(priceCart(cartOf({}), known(), 1900)).toMatchObject({ subtotal: usd(0), total: usd(0) });
  });

  it("of a variant that the projection lacks are those of when it was added", () => {
    const [line] = priceCart(cartOf({ A: [2, 700] }), known(), 0).lines;
    expect(line).toMatchObject({ title: "A", unitPrice: usd(700), lineTotal: usd(1400), isForSale: false });
  });
});

describe("a cart's problems", () => {
  it.each<[string, Variant[], object[]]>([
    ["none", [variant("A", 1000)], []],
    [
      "too little stock",
      [variant("A", 1000, { available: 1 })],
      [{ kind: "NotEnoughStock", requested: 2, available: 1 }],
    ],
    ["another price", [variant("A", 900)], [{ kind: "PriceChanged", was: usd(1000), now: usd(900) }]],
    ["archived", [variant("A", 900, { isForSale: false, available: 0 })], [{ kind: "NotForSale" }]],
    ["no price in its currency", [variant("A", 1, { prices: [money(1, "EUR")] })], [{ kind: "NotForSale" }]],
    ["unknown", [], [{ kind: "NotForSale" }]],
  ])("tell of: %s", (_, variants, problems) => {
    const priced = priceCart(cartOf({ A: [2, 1000] }), known(...variants), 0);
    expect(problemsOf(priced, () => undefined)).toMatchObject(problems);
  });
});

describe("a flash sale", () => {
  const rule = (isRunning: boolean) => () => ({ saleId: "sale_1", isRunning });
  const cart = cartOf({ A: [1, 1000] });

  it("asks for a ticket while it runs, and may keep the variant off sale outside its time", () => {
    const priced = priceCart(cart, known(variant("A", 1000)), 0);
    expect(problemsOf(priced, rule(true))).toMatchObject([{ kind: "QueueRequired", flashSaleId: "sale_1" }]);
    expect(problemsOf(priced, rule(false))).toMatchObject([{ kind: "NotForSale" }]);
  });

  it("sells a ticket's line at its own price, whatever the ordinary stock and price are", () => {
    const none = variant("A", 1000, { available: 0, prices: [] });
    const priced = priceCart(cart, known(none), 0, { sku: "A", price: usd(500) });
    expect(priced.subtotal).toEqual(usd(500));
    expect(problemsOf(priced, rule(true))).toEqual([]);
  });
});

describe("a quote", () => {
  it("has shipping and the tax on it, and adds up", () => {
    const priced = priceCart(cartOf({ A: [2, 1000] }), known(variant("A", 1000)), 1900);
    const totals = totalsOf(priced, option, 1900);
    // 550 * 0.19 = 104.5, half-even 104.
    expect(totals).toEqual({
      subtotal: usd(2000),
      discount: usd(0),
      shipping: usd(550),
      tax: usd(380 + 104),
      total: usd(2000 + 550 + 484),
    });
  });

  it("names lines as they are today", () => {
    const priced = priceCart(cartOf({ A: [2, 900] }), known(variant("A", 1000)), 0);
    expect(quoteOf(priced, option, 0)).toMatchObject({
      cartId: "cart_1",
      cartVersion: 1,
      customerId: "usr_1",
      lines: [{ lineId: "line_A", title: "The A", productId: "prd_A", unitPrice: usd(1000), quantity: 2 }],
    });
  });

  it.each([
    ["DE", 1900],
    ["US", 0],
    ["AQ", 0],
  ])("taxes %s at %i basis points", (country, rate) => expect(taxRateOf(country)).toBe(rate));
});
