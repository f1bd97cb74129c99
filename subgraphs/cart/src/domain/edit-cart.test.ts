import { money } from "@shop/values";
import { describe, expect, it } from "vitest";
import { addLines } from "./add-lines.ts";
import { maxLines, newCart, type Cart, type EditContext, type Variant } from "./cart.ts";
import { removeLines } from "./remove-lines.ts";
import { removePurchasedLines } from "./remove-purchased-lines.ts";
import { updateLines } from "./update-lines.ts";

const now = new Date("2026-03-01T12:00:00Z");

function variant(sku: string, changes: Partial<Variant> = {}): Variant {
  return {
    sku,
    variantId: `var_${sku}`,
    productId: `prd_${sku}`,
    title: sku,
    imageUrl: null,
    prices: [money(1000, "USD")],
    weightGrams: 100,
    isForSale: true,
    sales: {},
    available: 10,
    ...changes,
  };
}

function context(...variants: Variant[]): EditContext {
  let lines = 0;
  return { variants: new Map(variants.map((it) => [it.sku, it])), now, newLineId: () => `line_${++lines}` };
}

function cartOf(lines: Record<string, number>): Cart {
  return {
    ...newCart({ id: "cart_1", currency: "USD", customerId: null, now: new Date(0) }),
    version: 4,
    lines: Object.entries(lines).map(([sku, quantity]) => ({
      id: `old_${sku}`,
      sku,
      variantId: `var_${sku}`,
      quantity,
      priceWhenAdded: money(900, "USD"),
    })),
  };
}

const quantities = (edit: { cart?: Cart | undefined }) =>
  edit.cart?.lines.map((line) => [line.sku, line.quantity]);

describe("adding to a cart", () => {
  const all = context(
    variant("A"),
    variant("B"),
    variant("old", { isForSale: false }),
    variant("euro", { prices: [money(1, "EUR")] }),
    variant("none", { available: 0 }),
  );

  it("grows a line that is there, sums what stands twice, and raises the version by one", () => {
    const edit = addLines(
      cartOf({ A: 2 }),
      [
        { sku: "B", quantity: 1 },
        { sku: "A", quantity: 3 },
        { sku: "B", quantity: 4 },
      ],
      all,
    );
    expect(quantities(edit)).toEqual([
      ["A", 5],
      ["B", 5],
    ]);
    expect(edit).toMatchObject({ cart: { version: 5, updatedAt: now } });
  });

  it("keeps the price of a touched line as of now", () => {
    const edit = addLines(cartOf({ A: 2 }), [{ sku: "A", quantity: 1 }], all);
    expect(edit).toMatchObject({ cart: { lines: [{ id: "old_A", priceWhenAdded: money(1000, "USD") }] } });
  });

  it("takes more than is in stock, even where nothing is", () => {
    expect(quantities(addLines(cartOf({}), [{ sku: "none", quantity: 3 }], all))).toEqual([["none", 3]]);
  });

  it("changes nothing when asked for nothing", () => {
    const cart = cartOf({ A: 1 });
    expect(addLines(cart, [], all)).toEqual({ cart });
  });

  it.each([
    ["an unknown SKU", { sku: "nope", quantity: 1 }, "NOT_FOR_SALE", "sku"],
    ["an archived one", { sku: "old", quantity: 1 }, "NOT_FOR_SALE", "sku"],
    ["one without a price in the currency", { sku: "euro", quantity: 1 }, "CURRENCY_NOT_SUPPORTED", "sku"],
    ["no unit", { sku: "A", quantity: 0 }, "INVALID_INPUT", "quantity"],
    ["fewer than none", { sku: "A", quantity: -1 }, "INVALID_INPUT", "quantity"],
    ["a thousand", { sku: "A", quantity: 1000 }, "QUANTITY_LIMIT", "quantity"],
    ["a thousand with what is there", { sku: "A", quantity: 998 }, "QUANTITY_LIMIT", "quantity"],
  ])("refuses %s", (_, line, code, field) => {
    const edit = addLines(cartOf({ A: 2 }), [{ sku: "B", quantity: 1 }, line], all);
    expect(edit).toMatchObject({ errors: [{ code, field: ["lines", "1", field] }] });
  });

  it("refuses more lines than a cart takes", () => {
    const skus = Array.from({ length: maxLines + 1 }, (_, at) => `S${at}`);
    const lines = skus.map((sku) => ({ sku, quantity: 1 }));
    const many = context(...skus.map((sku) => variant(sku)));
    expect(addLines(cartOf({}), lines, many)).toMatchObject({ errors: [{ code: "QUANTITY_LIMIT" }] });
    expect(quantities(addLines(cartOf({}), lines.slice(1), many))).toHaveLength(maxLines);
  });
});

describe("setting quantities", () => {
  it("sets, removes at 0, lets the last entry for a line count, and leaves the rest", () => {
    const edit = updateLines(
      cartOf({ A: 1, B: 2, C: 3 }),
      [
        { lineId: "old_A", quantity: 9 },
        { lineId: "old_B", quantity: 0 },
        { lineId: "old_A", quantity: 7 },
      ],
      context(variant("A")),
    );
    expect(quantities(edit)).toEqual([
      ["A", 7],
      ["C", 3],
    ]);
    expect(edit).toMatchObject({ cart: { version: 5 } });
  });

  it("still lets a line be changed whose variant is gone, with its old price", () => {
    const edit = updateLines(cartOf({ gone: 3 }), [{ lineId: "old_gone", quantity: 1 }], context());
    expect(edit).toMatchObject({ cart: { lines: [{ quantity: 1, priceWhenAdded: money(900, "USD") }] } });
  });

  it.each([
    [{ lineId: "nope", quantity: 1 }, "NOT_FOUND", "lineId"],
    [{ lineId: "old_A", quantity: -1 }, "INVALID_INPUT", "quantity"],
    [{ lineId: "old_A", quantity: 1000 }, "QUANTITY_LIMIT", "quantity"],
  ])("refuses %j as %s", (line, code, field) => {
    const edit = updateLines(cartOf({ A: 1 }), [line], context(variant("A")));
    expect(edit).toMatchObject({ errors: [{ code, field: ["lines", "0", field] }] });
  });
});

describe("taking lines out", () => {
  it("takes out what is named", () => {
    expect(quantities(removeLines(cartOf({ A: 1, B: 2 }), ["old_A"], { now }))).toEqual([["B", 2]]);
  });

  it("refuses a line that isn't there, and then takes nothing out", () => {
    const edit = removeLines(cartOf({ A: 1 }), ["old_A", "nope"], { now });
    expect(edit).toMatchObject({ errors: [{ code: "NOT_FOUND", field: ["lineIds", "1"] }] });
  });
});

describe("a confirmed order", () => {
  it("takes out what it bought and leaves what was added meanwhile", () => {
    const left = removePurchasedLines(
      cartOf({ A: 5, B: 1, C: 2 }),
      [
        { sku: "A", quantity: 3 },
        { sku: "B", quantity: 4 },
      ],
      now,
    );
    expect(quantities({ cart: left })).toEqual([
      ["A", 2],
      ["C", 2],
    ]);
    expect(left.version).toBe(5);
  });

  it("leaves a cart as it is that has none of it any more", () => {
    const cart = cartOf({ A: 1 });
    expect(removePurchasedLines(cart, [{ sku: "B", quantity: 1 }], now)).toBe(cart);
  });
});
