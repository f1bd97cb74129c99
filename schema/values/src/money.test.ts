import { describe, expect, test } from "vitest";
import { add, formatAmount, InvalidMoney, money, parseMoney, share, times } from "./money.ts";

describe("money", () => {
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
