import { userError, type Postgres, type UserError } from "@shop/service";
import { checkAdjustment, mostUnitsAtOnce, type Adjustment } from "./domain/check-adjustment.ts";
import { stockChanged } from "./domain/tell.ts";
import { adjust, levelsOf, type Adjusting, type Level } from "./store.ts";

/** What became of one adjustment: the SKU's stock as it now stands, or why it was refused. */
export type Adjusted = { variantId: string | null; levels: Level[]; userErrors: StockError[] };

type StockError = UserError<"INVALID_INPUT" | "NOT_FOUND" | "IDEMPOTENCY_KEY_REUSED">;

/** Books all that can be booked in one transaction: the ledger, the stock, and what the others are told of it. */
export async function adjustStock(
  pg: Postgres,
  caller: string,
  inputs: readonly { adjustment: Adjustment; path: readonly string[] }[],
): Promise<Adjusted[]> {
  const mistakes = inputs.map(({ adjustment, path }) => mistakeIn(adjustment, path));
  const sound = inputs.filter((_, at) => !mistakes[at]);
  if (sound.length === 0) return mistakes.map((mistake) => refused(mistake));
  const { results, levels } = await pg.transact(async (tx) => {
    const did = await adjust(
      tx,
      caller,
      sound.map(({ adjustment }) => adjustment),
    );
    tx.publish(...stockChanged(did.stock));
    const skus = [...new Set(sound.map(({ adjustment }) => adjustment.sku))];
    return { results: did.results, levels: await levelsOf(tx, "sku", skus) };
  });
  const levelsBySku = Map.groupBy(levels, (level) => level.sku);
  let next = 0;
  return inputs.map(({ adjustment, path }, at) => {
    const mistake = mistakes[at];
    if (mistake) return refused(mistake);
    const now = levelsBySku.get(adjustment.sku) ?? [];
    const error = errorOf(results[next++] ?? "UNKNOWN_SKU", path);
    return { variantId: now[0]?.variantId ?? null, levels: now, userErrors: error ? [error] : [] };
  });
}

function mistakeIn(adjustment: Adjustment, path: readonly string[]): StockError | undefined {
  const mistake = checkAdjustment(adjustment);
  return mistake && userError("INVALID_INPUT", mistake.message, [...path, mistake.field]);
}

function refused(mistake: StockError | undefined): Adjusted {
  return { variantId: null, levels: [], userErrors: mistake ? [mistake] : [] };
}

function errorOf(result: Adjusting["results"][number], path: readonly string[]): StockError | undefined {
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
      return userError(
        "INVALID_INPUT",
        `No warehouse holds that much; see also ${mostUnitsAtOnce} at once.`,
        [...path, "delta"],
      );
  }
}
