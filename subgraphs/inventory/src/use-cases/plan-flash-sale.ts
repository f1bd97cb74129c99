import { idempotent, keyReused, userError, type Tx, type UserError } from "@shop/service";
import { checkIdempotencyKey, newId } from "@shop/values";
import type { Deps } from "../deps.ts";
import { readSaleInput, saleDefaults, type SaleInput, type SalePlan } from "../domain/sale-plan.ts";
import { flashSaleChanged, stockChanged } from "../domain/events.ts";
import type { ErrorCode } from "../generated/resolvers.ts";
import { plannedSaleOf, type Sale } from "../store/flash-sales.ts";
import { changeFlashSale, createFlashSale, endFlashSale, type Planned } from "../store/plan-flash-sale.ts";
import { isSaleId } from "./enter-flash-sale.ts";

export type SalePayload = { flashSale: Sale | null; userErrors: UserError<ErrorCode>[] };

type Key = string | null | undefined;

/** Staff plan a sale. */
export async function planSale(
  deps: Deps,
  input: SaleInput,
  key: Key,
  staffId: string,
): Promise<SalePayload> {
  const plan = readSaleInput(input);
  if (Array.isArray(plan)) return { flashSale: null, userErrors: plan };
  const whole = { ...saleDefaults, ...plan } as SalePlan;
  return act(deps, { operation: "flashSaleCreate", key, staffId, input: { input } }, (tx) =>
    createFlashSale(tx, { ...whole, id: newId("sale"), createdBy: staffId }),
  );
}

/** Staff change a sale before it begins. */
export async function changeSale(
  deps: Deps,
  id: string,
  input: SaleInput,
  key: Key,
  staffId: string,
): Promise<SalePayload> {
  const plan = readSaleInput(input);
  if (Array.isArray(plan)) return { flashSale: null, userErrors: plan };
  if (!isSaleId(id)) return { flashSale: null, userErrors: [errorOf({ refused: "UNKNOWN_SALE" })] };
  return act(deps, { operation: "flashSaleUpdate", key, staffId, input: { id, input } }, (tx) =>
    changeFlashSale(tx, id, plan),
  );
}

/** Staff end a sale now, or call it off. */
export async function endSale(deps: Deps, id: string, key: Key, staffId: string): Promise<SalePayload> {
  if (!isSaleId(id)) return { flashSale: null, userErrors: [errorOf({ refused: "UNKNOWN_SALE" })] };
  return act(deps, { operation: "flashSaleEnd", key, staffId, input: { id } }, (tx) => endFlashSale(tx, id));
}

async function act(
  deps: Deps,
  claim: { operation: string; key: Key; staffId: string; input: object },
  decide: (tx: Tx) => Promise<Planned>,
): Promise<SalePayload> {
  const keyErrors = checkIdempotencyKey(claim.key);
  if (keyErrors.length > 0) return { flashSale: null, userErrors: keyErrors };
  const work: Parameters<typeof idempotent<Planned>>[2] = async (tx) => {
    const planned = await decide(tx);
    if (planned.refused) return { keep: false, answer: planned };
    const { saleId, stock } = planned;
    const [sale] = await deps.sales.findSales([saleId], tx);
    if (!sale) throw new Error(`the sale ${saleId} was planned and is gone`);
    tx.publish(flashSaleChanged(sale.version, plannedSaleOf(sale)), ...stockChanged(stock));
    const isOver = claim.operation === "flashSaleEnd";
    deps.changes.note(tx, { stock, flash: { saleId, isOver, tickets: [] } });
    return { keep: true, answer: { saleId, stock: [] } };
  };
  const { operation, key, staffId: caller, input } = claim;
  const answered = key
    ? await idempotent<Planned>(deps.pg, { caller, operation, key, input }, work)
    : { reused: false as const, ...(await deps.pg.transact(work)) };
  if (answered.reused) return { flashSale: null, userErrors: [keyReused] };
  const { answer } = answered;
  if (answer.refused) return { flashSale: null, userErrors: [errorOf(answer)] };
  const [flashSale = null] = await deps.sales.findSales([answer.saleId]);
  return { flashSale, userErrors: [] };
}

function errorOf(planned: Extract<Planned, { refused: string }>): UserError<ErrorCode> {
  switch (planned.refused) {
    case "UNKNOWN_SKU":
      return userError("NOT_FOUND", "No published product has this SKU.", ["input", "sku"]);
    case "UNKNOWN_SALE":
      return userError("NOT_FOUND", "There is no such flash sale.", ["id"]);
    case "ENDS_IN_THE_PAST":
      return userError("INVALID_INPUT", "A sale must end later than now.", ["input", "endsAt"]);
    case "BAD_TIMES":
      return userError("INVALID_INPUT", "A sale ends later than it begins, and lasts 30 days at most.", [
        "input",
        "endsAt",
      ]);
    case "HAS_BEGUN":
      return userError("CONFLICT", "The sale has begun, or is over: only `outsideSale` can change now.", [
        "input",
      ]);
    case "OVERLAPS":
      return userError("CONFLICT", `The SKU has another sale in that time: ${planned.saleId}.`, [
        "input",
        "startsAt",
      ]);
    case "OUT_OF_STOCK":
      return userError(
        "OUT_OF_STOCK",
        `There are ${planned.available} free units: receive more, or plan fewer.`,
        ["input", "units"],
      );
  }
}
