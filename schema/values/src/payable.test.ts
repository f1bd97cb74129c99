import { expect, test } from "vitest";
import { money, parseMoney } from "./money.ts";
import { ofProviderUnits, providerUnits, whyNotPayable } from "./payable.ts";

test.each([
  ["USD", "0.50", "999999.99"],
  ["GBP", "0.30", "999999.99"],
  ["HUF", "175.00", "999999.99"],
  ["JPY", "50", "99999999"],
  ["ISK", "1", "999999"],
  ["KWD", "0.010", "99999.990"],
  ["MGA", "1.00", "99999999.00"],
  ["IDR", "0.01", "9999999999.99"],
])("in %s, from %s to %s can be paid, and nothing beside it", (currency, least, most) => {
  const [low, high] = [parseMoney(least, currency), parseMoney(most, currency)];
  for (const total of [low, high]) {
    expect(whyNotPayable(total)).toBeUndefined();
    expect(ofProviderUnits(providerUnits(total), currency)).toEqual(total);
  }
  for (const total of [
    money(low.amount - 1, currency),
    money(high.amount + 1, currency),
    money(0, currency),
  ]) {
    expect(whyNotPayable(total)).toMatchObject({ code: "AMOUNT_NOT_PAYABLE" });
  }
});

test("what can't be paid is said with the bound and the amount", () => {
  expect(whyNotPayable(money(100_000_000, "USD"))?.message).toBe(
    "The most that can be paid at once is 999999.99 USD; this one comes to 1000000.00 USD.",
  );
  expect(whyNotPayable(money(49, "USD"))?.message).toBe(
    "The least that can be paid is 0.50 USD; this one comes to 0.49 USD.",
  );
  expect(whyNotPayable(money(1231, "KWD"))?.code).toBe("AMOUNT_NOT_PAYABLE");
  expect(whyNotPayable(money(Number.MAX_SAFE_INTEGER, "USD"))?.code).toBe("AMOUNT_NOT_PAYABLE");
  expect(whyNotPayable(money(-100, "USD"))?.code).toBe("AMOUNT_NOT_PAYABLE");
});

test.each(["IRR", "KPW", "CUP", "SYP", "HRK", "CLF"])("nothing can be paid in %s", (currency) => {
  expect(whyNotPayable(money(5000, currency))?.code).toBe("CURRENCY_NOT_SUPPORTED");
});
