import { InvalidMoney, isText, parseMoney, userError, type Money, type UserError } from "@shop/values";

/** A sale as staff plan it. */
export type SalePlan = {
  sku: string;
  price: Money;
  units: number;
  perCustomerLimit: number;
  startsAt: Date;
  endsAt: Date;
  holdSeconds: number;
  outsideSale: "ORDINARY" | "NOT_FOR_SALE";
  lineRatio: { vip: number; standard: number } | null;
  lineFactor: number;
  lineFloor: number;
};

/** What staff give of a sale; a price is read by its currency. */
export type SaleInput = { [K in keyof Omit<SalePlan, "price">]?: SalePlan[K] | null | undefined } & {
  price?: { amount: string; currency: string } | null | undefined;
};

/** What a sale is without a word of staff. */
export const saleDefaults = {
  perCustomerLimit: 1,
  holdSeconds: 60,
  outsideSale: "ORDINARY",
  lineRatio: null,
  lineFactor: 10,
  lineFloor: 100,
} as const satisfies Partial<SalePlan>;

const ranges = {
  units: [1, 100_000],
  perCustomerLimit: [1, 100],
  holdSeconds: [1, 900],
  lineFactor: [0, 1_000],
  lineFloor: [0, 1_000_000],
} as const;

const maxDays = 30;

/** The fields that were given, read and checked; or what is wrong with them, all at once. */
export function readSaleInput(input: SaleInput): Partial<SalePlan> | UserError<"INVALID_INPUT">[] {
  const errors: UserError<"INVALID_INPUT">[] = [];
  const refuse = (message: string, ...field: string[]) =>
    void errors.push(userError("INVALID_INPUT", message, ["input", ...field]));
  const given = Object.fromEntries(
    Object.entries(input).filter(([, value]) => value !== null && value !== undefined),
  ) as Partial<Omit<SalePlan, "price">> & { price?: { amount: string; currency: string } };
  for (const [name, [least, most]] of Object.entries(ranges)) {
    const value = given[name as keyof typeof ranges];
    if (value !== undefined && (value < least || value > most))
      refuse(`Give ${least.toLocaleString("en")} to ${most.toLocaleString("en")}, got ${value}.`, name);
  }
  const { lineRatio, startsAt, endsAt, sku, price } = given;
  if (sku !== undefined && (!isText(sku) || sku === "" || sku.length > 200))
    refuse("Give the variant's SKU.", "sku");
  for (const line of ["vip", "standard"] as const) {
    const part = lineRatio?.[line];
    if (part !== undefined && (part < 1 || part > 100))
      refuse(`Give 1 to 100, got ${part}.`, "lineRatio", line);
  }
  if (startsAt && endsAt) {
    if (endsAt <= startsAt) refuse(`A sale ends later than it begins (${startsAt.toISOString()}).`, "endsAt");
    else if (endsAt.getTime() - startsAt.getTime() > maxDays * 86_400_000)
      refuse(`A sale lasts ${maxDays} days at most.`, "endsAt");
  }
  const { price: _, ...rest } = given;
  const plan: Partial<SalePlan> = rest;
  if (price) {
    const read = readPrice(price);
    if (typeof read === "string") refuse(read, "price");
    else plan.price = read;
  }
  return errors.length > 0 ? errors : plan;
}

function readPrice({ amount, currency }: { amount: string; currency: string }): Money | string {
  try {
    const price = parseMoney(amount, currency);
    return price.amount > 0 ? price : `A unit costs something, got ${amount}.`;
  } catch (error) {
    if (error instanceof InvalidMoney) return error.message;
    throw error;
  }
}
