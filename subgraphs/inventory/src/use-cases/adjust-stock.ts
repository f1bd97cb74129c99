import { userError, type UserError } from "@shop/service";
import { isText, normalText } from "@shop/values";
import type { Deps } from "../deps.ts";
import { checkAdjustment, maxUnitsAtOnce, type Adjustment } from "../domain/check-adjustment.ts";
import type { AdjustResult } from "../store/adjust-stock.ts";
import type { Level } from "../store/store.ts";

/** The result of one adjustment: the SKU's stock afterwards, or why it was refused. */
export type Adjusted = { variantId: string | null; levels: Level[]; userErrors: StockError[] };

type StockError = UserError<"INVALID_INPUT" | "NOT_FOUND" | "IDEMPOTENCY_KEY_REUSED">;

/** Books all valid adjustments in one transaction; a refused one stops no other. */
export async function adjustStock(
  { store, changes }: Pick<Deps, "store" | "changes">,
  caller: string,
  given: readonly { adjustment: Adjustment; path: readonly string[] }[],
): Promise<Adjusted[]> {
  const inputs = given.map(({ adjustment, path }) => ({ adjustment: withNormalNames(adjustment), path }));
  const mistakes = inputs.map(({ adjustment, path }) => mistakeIn(adjustment, path));
  const valid = inputs.flatMap(({ adjustment }, at) => (mistakes[at] ? [] : [adjustment]));
  const { results, levels } =
    valid.length > 0 ? await store.adjust(caller, valid, changes) : { results: [], levels: [] };
  const levelsBySku = Map.groupBy(levels, (level) => level.sku);
  const remaining = results.values();
  return inputs.map(({ adjustment, path }, at) => {
    const mistake = mistakes[at];
    if (mistake) return { variantId: null, levels: [], userErrors: [mistake] };
    const now = levelsBySku.get(adjustment.sku) ?? [];
    const error = errorOf(remaining.next().value ?? "UNKNOWN_SKU", path);
    return { variantId: now[0]?.variantId ?? null, levels: now, userErrors: error ? [error] : [] };
  });
}

/** SKUs and warehouses are kept and looked up in their normal form. */
function withNormalNames({ sku, warehouseCode, ...rest }: Adjustment): Adjustment {
  return { ...rest, sku: isText(sku) ? normalText(sku) : sku, warehouseCode: warehouseCode.trim() };
}

function mistakeIn(adjustment: Adjustment, path: readonly string[]): StockError | undefined {
  const mistake = checkAdjustment(adjustment);
  return mistake && userError("INVALID_INPUT", mistake.message, [...path, mistake.field]);
}

function errorOf(result: AdjustResult["results"][number], path: readonly string[]): StockError | undefined {
  switch (result) {
    case "adjusted":
    case "replayed":
      return undefined;
    case "IDEMPOTENCY_KEY_REUSED":
      return userError(result, "This key was used before with another input. Use a new key.", [
        ...path,
        "idempotencyKey",
      ]);
    case "UNKNOWN_SKU":
      return userError("NOT_FOUND", "No published product has this SKU.", [...path, "sku"]);
    case "UNKNOWN_WAREHOUSE":
      return userError("NOT_FOUND", "There is no such warehouse.", [...path, "warehouseCode"]);
    case "TOO_LITTLE_FREE":
      return userError("INVALID_INPUT", "The warehouse has fewer units that aren't promised to orders.", [
        ...path,
        "delta",
      ]);
    case "TOO_MUCH":
      return userError("INVALID_INPUT", `No warehouse holds that much; see also ${maxUnitsAtOnce} at once.`, [
        ...path,
        "delta",
      ]);
  }
}
