import { tellStock, unchanged, withPlace, type Model, type Step } from "./model.ts";
import * as tell from "./tell.ts";

/** The most units that one warehouse may have of a SKU. */
export const mostUnits = 1_000_000_000;

/** Why an adjustment is refused. */
export type Refusal = "UNKNOWN_SKU" | "UNKNOWN_WAREHOUSE" | "TOO_LITTLE_FREE" | "TOO_MUCH";

/** Books units in, or out as far as they are not promised to orders. */
export function adjust(
  model: Model,
  { sku, warehouseCode, delta }: { sku: string; warehouseCode: string; delta: number },
): Step {
  const item = model.items.get(sku);
  const place = item?.places.get(warehouseCode);
  if (!item) return refused(model, "UNKNOWN_SKU");
  if (!place) return refused(model, "UNKNOWN_WAREHOUSE");
  const onHand = place.onHand + delta;
  if (onHand < place.reserved) return refused(model, "TOO_LITTLE_FREE");
  if (onHand > mostUnits) return refused(model, "TOO_MUCH");
  const told = tellStock(
    withPlace(model, sku, warehouseCode, (was) => ({ ...was, onHand })),
    [sku],
  );
  return { model: told.model, events: tell.stockChanged(told.stock), outcome: "done" };
}

function refused(model: Model, reason: Refusal): Step {
  return unchanged(model, "ignored", reason);
}
