import { describe, expect, test, vi } from "vitest";
import { decimalsOfCurrencies } from "./currencies.ts";
import {
  add,
  formatAmount,
  InvalidMoney,
  isCurrency,
  minorDigits,
  money,
  parseMoney,
  share,
  times,
} from "./money.ts";

/** What CLDR and ISO 4217 disagree about, or CLDR has changed its mind about between releases of Node 24. */
const disputed = [
  ["HUF", 2],
  ["COP", 2],
  ["IDR", 2],
  ["PKR", 2],
  ["RSD", 2],
  ["MGA", 2],
  ["IQD", 3],
  ["ISK", 0],
  ["CLF", 4],
  ["BGN", 2],
] as const;

describe("money", () => {
  test.each(disputed)(
    "in %s has the decimals that ISO 4217 gives it, whatever the runtime says",
    (code, digits) => {
      const asked = vi.spyOn(Intl, "NumberFormat").mockImplementation(() => {
        throw new Error("the runtime was asked");
      });
      try {
        expect(minorDigits(code)).toBe(digits);
        expect(formatAmount(money(500, code))).toBe({ 0: "500", 2: "5.00", 3: "0.500", 4: "0.0500" }[digits]);
      } finally {
        asked.mockRestore();
      }
    },
  );

  test("is in one of ISO's currencies, each once, and in nothing that has no minor units", () => {
    expect(decimalsOfCurrencies.size).toBe(165 + 5);
    for (const code of decimalsOfCurrencies.keys()) expect(code).toMatch(/^[A-Z]{3}$/);
    for (const code of ["XAU", "XDR", "XXX", "XTS", "DEM", "usd", "", "__proto__"]) {
      expect(isCurrency(code)).toBe(false);
      expect(() => minorDigits(code)).toThrow(InvalidMoney);
    }
  });

  test("is read and written without loss, with the currency's own decimals", () => {
    for (const [text, currency, minor] of [
      ["19.99", "USD", 1999],
      ["19.9", "USD", 1990],
      ["0.05", "EUR", 5],
      ["-3.10", "EUR", -310],
      ["1200", "JPY", 1200],
      ["1.234", "KWD", 1234],
    ] as const) {
      expect(parseMoney(text, currency)).toEqual({ amount: minor, currency });
    }
    expect(formatAmount(money(-5, "EUR"))).toBe("-0.05");
    expect(formatAmount(money(1200, "JPY"))).toBe("1200");
  });

  test.each(["", "1e3", "1,000", "19.999", " 1", "0x10", "NaN", "99999999999999999999", "٣"])(
    "refuses %j as an amount",
    (text) => expect(() => parseMoney(text, "USD")).toThrow(InvalidMoney),
  );

  test("is not mixed across currencies and not invented", () => {
    expect(() => add(money(1, "USD"), money(1, "EUR"))).toThrow(InvalidMoney);
    expect(() => money(1, "XXZ")).toThrow(InvalidMoney);
    expect(() => times(money(Number.MAX_SAFE_INTEGER, "USD"), 2)).toThrow(InvalidMoney);
  });

  test("is rounded half to even, both sides of zero", () => {
    const half = (amount: number) => share(money(amount, "USD"), 1, 2).amount;
    expect([1, 3, 5, 7, -1, -3, -5].map(half)).toEqual([0, 2, 2, 4, -0, -2, -2].map((n) => n + 0));
    expect(share(money(1001, "USD"), 19, 100).amount).toBe(190);
  });
});
