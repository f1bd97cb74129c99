import { money } from "@shop/values";
import { describe, expect, it } from "vitest";
import { newCart, type Cart } from "./cart.ts";
import { claimCart, type MergeStrategy } from "./claim-cart.ts";

const now = new Date("2026-03-01T12:00:00Z");

function cartOf(
  id: string,
  customerId: string | null,
  lines: Record<string, number>,
  currency = "USD",
): Cart {
  return {
    ...newCart({ id, currency, customerId, now }),
    version: 2,
    lines: Object.entries(lines).map(([sku, quantity]) => ({
      id: `${id}_${sku}`,
      sku,
      variantId: `var_${sku}`,
      quantity,
      priceWhenAdded: money(100, currency),
    })),
  };
}

const ask = (strategy: MergeStrategy) => ({ customerId: "usr_1", strategy });
const context = { variants: new Map(), now };

describe("claiming a guest cart", () => {
  it.each([
    ["SUM", 7],
    ["KEEP_GUEST", 5],
    ["KEEP_MINE", 2],
  ] as const)("merges a line that both have by %s", (strategy, quantity) => {
    const guest = cartOf("guest", null, { A: 5, B: 1 });
    const mine = cartOf("mine", "usr_1", { C: 3, A: 2 });
    const claim = claimCart(guest, mine, ask(strategy), context);
    expect(claim).toMatchObject({
      claimed: {
        id: "guest",
        customerId: "usr_1",
        version: 3,
        lines: [
          { sku: "C", quantity: 3 },
          { sku: "A", quantity },
          { sku: "B", quantity: 1 },
        ],
      },
      emptied: { id: "mine", version: 3, lines: [] },
    });
  });

  it("makes it the customer's own where there is no other", () => {
    const claim = claimCart(cartOf("guest", null, { A: 5 }), undefined, ask("SUM"), context);
    expect(claim).toMatchObject({ claimed: { customerId: "usr_1", version: 3 }, emptied: undefined });
  });

  it("caps a sum at what a line takes", () => {
    const claim = claimCart(
      cartOf("guest", null, { A: 900 }),
      cartOf("mine", "usr_1", { A: 900 }),
      ask("SUM"),
      context,
    );
    expect(claim).toMatchObject({ claimed: { lines: [{ quantity: 999 }] } });
  });

  it("leaves an earlier cart in another currency alone", () => {
    const mine = cartOf("mine", "usr_1", { A: 1 }, "EUR");
    const claim = claimCart(cartOf("guest", null, { B: 1 }), mine, ask("SUM"), context);
    expect(claim).toMatchObject({ claimed: { lines: [{ sku: "B" }] }, emptied: undefined });
  });

  it("refuses what would be more lines than a cart takes", () => {
    const some = (prefix: string) =>
      Object.fromEntries(Array.from({ length: 60 }, (_, at) => [prefix + at, 1]));
    const claim = claimCart(
      cartOf("guest", null, some("a")),
      cartOf("mine", "usr_1", some("b")),
      ask("SUM"),
      context,
    );
    expect(claim).toMatchObject({ errors: [{ code: "QUANTITY_LIMIT" }] });
  });
});
