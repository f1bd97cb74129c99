import type { AdjustmentError } from "../../src/domain/check-adjustment.ts";
import { stockChanged } from "../../src/domain/events.ts";
import { raiseVersions, withoutEvents, withPlace, type Decision, type Model } from "./model.ts";

/** Maximum units of a SKU in one warehouse. */
const maxUnits = 1_000_000_000;

/** Books units in, or out as far as they are not reserved. */
export function adjust(
  model: Model,
  { sku, warehouseCode, delta }: { sku: string; warehouseCode: string; delta: number },
): Decision {
  const item = model.items.get(sku);
  const place = item?.places.get(warehouseCode);
  if (!item) return refused(model, "UNKNOWN_SKU");
  if (!place) return refused(model, "UNKNOWN_WAREHOUSE");
  const onHand = place.onHand + delta;
  if (onHand < place.reserved) return refused(model, "TOO_LITTLE_FREE");
  if (onHand > maxUnits) return refused(model, "TOO_MUCH");
  const raised = raiseVersions(
    withPlace(model, sku, warehouseCode, (was) => ({ ...was, onHand })),
    [sku],
  );
  return { model: raised.model, events: stockChanged(raised.stock), outcome: "done" };
}

function refused(model: Model, reason: AdjustmentError): Decision {
  return withoutEvents(model, "ignored", reason);
}
