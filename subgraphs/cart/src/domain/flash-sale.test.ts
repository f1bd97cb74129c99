import { expect, test } from "vitest";
import { saleRuleOf, type PlannedSale } from "./flash-sale.ts";

const at = (minute: number) => `2026-03-01T12:${String(minute).padStart(2, "0")}:00.000Z`;
const sale = (from: number, to: number, outsideSale: PlannedSale["outsideSale"]): PlannedSale => {
  return { startsAt: at(from), endsAt: at(to), outsideSale, version: 1 };
};

test("a sale that runs needs a ticket from its first moment to its last", () => {
  const sales = { one: sale(10, 20, "ORDINARY") };
  const ruled = (minute: number) => saleRuleOf(sales, new Date(at(minute)));
  expect([9, 10, 19, 20].map((minute) => ruled(minute)?.isRunning)).toEqual([
    undefined,
    true,
    true,
    undefined,
  ]);
});

test("outside its time the variant sells as the sale that begins last says", () => {
  const shut = { one: sale(10, 20, "NOT_FOR_SALE") };
  expect(saleRuleOf(shut, new Date(at(5)))).toEqual({ saleId: "one", isRunning: false });
  expect(saleRuleOf(shut, new Date(at(30)))).toEqual({ saleId: "one", isRunning: false });
  const reopened = { ...shut, two: sale(40, 50, "ORDINARY") };
  expect(saleRuleOf(reopened, new Date(at(30)))).toBeUndefined();
  expect(saleRuleOf(reopened, new Date(at(45)))).toEqual({ saleId: "two", isRunning: true });
});
