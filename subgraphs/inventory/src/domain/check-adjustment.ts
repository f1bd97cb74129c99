import { checkIdempotencyKey, isText } from "@shop/values";

/** Units booked in or out of one warehouse, under a key of its own. */
export type Adjustment = {
  sku: string;
  warehouseCode: string;
  delta: number;
  reason: string;
  idempotencyKey: string;
};

/** The field at fault, and why. */
export type Mistake = { field: keyof Adjustment; message: string };

/** Why the stock refuses an adjustment. */
export type AdjustmentError = "UNKNOWN_SKU" | "UNKNOWN_WAREHOUSE" | "TOO_LITTLE_FREE" | "TOO_MUCH";

/** Maximum units of one adjustment: more is a typing mistake. */
export const maxUnitsAtOnce = 1_000_000;

/** The first mistake in an adjustment, found without its stock; undefined if there is none. */
export function checkAdjustment(input: Adjustment): Mistake | undefined {
  const { delta, reason, idempotencyKey } = input;
  for (const field of ["sku", "warehouseCode", "reason", "idempotencyKey"] as const) {
    if (!isText(input[field])) return { field, message: "This has characters that can't be kept." };
  }
  if (delta === 0) return { field: "delta", message: "Nothing would change: `delta` is 0." };
  if (Math.abs(delta) > maxUnitsAtOnce) {
    return { field: "delta", message: `Book at most ${maxUnitsAtOnce.toLocaleString("en")} units at once.` };
  }
  if (reason.trim() === "" || reason.length > 500) {
    return { field: "reason", message: "Say why, in 1 to 500 characters." };
  }
  const [keyError] = checkIdempotencyKey(idempotencyKey);
  return keyError && { field: "idempotencyKey", message: keyError.message };
}
