import { event, type Allocation, type EventData, type NewEvent, type StockState } from "@shop/events";

/** The order, the version of its reservation, and the id of the event that caused the change. */
export type Cause = { orderId: string; version: number; causationId: string };

/** InventoryReserved, and StockChanged for each SKU. */
export function inventoryReserved(
  cause: Cause,
  { allocations, turn, mayBeHeld }: { allocations: Allocation[]; turn: number; mayBeHeld: boolean },
  stock: StockState[],
): NewEvent[] {
  const { orderId } = cause;
  const data = { orderId, allocations, ...turnOf(turn), ...(mayBeHeld ? {} : { mayBeHeld }) };
  return [event("InventoryReserved", { ...saga(cause), data }), ...stockChanged(stock, cause.causationId)];
}

/** InventoryReservationFailed, with the lines that were short. */
export function inventoryReservationFailed(
  cause: Cause,
  { shortages, turn }: { shortages: EventData<"InventoryReservationFailed">["shortages"]; turn: number },
): NewEvent[] {
  const { orderId } = cause;
  const data = { orderId, shortages, ...turnOf(turn) };
  return [event("InventoryReservationFailed", { ...saga(cause), data })];
}

/** InventoryReleased, and StockChanged for each SKU. */
export function inventoryReleased(cause: Cause, wasSold: boolean, stock: StockState[]): NewEvent[] {
  const { orderId } = cause;
  const released = event("InventoryReleased", { ...saga(cause), data: { orderId, wasSold } });
  return [released, ...stockChanged(stock, cause.causationId)];
}

/** StockChanged for each SKU. */
export function stockChanged(stock: readonly StockState[], causationId?: string): NewEvent[] {
  return stock.map((data) =>
    event("StockChanged", {
      aggregateId: data.sku,
      version: data.version,
      ...(causationId ? { causationId } : {}),
      data,
    }),
  );
}

/** FlashSaleChanged, of the sale's present version. */
export function flashSaleChanged(version: number, data: EventData<"FlashSaleChanged">): NewEvent {
  return event("FlashSaleChanged", { aggregateId: data.saleId, version, data });
}

/** An absent turn means the first one. */
function turnOf(turn: number) {
  return turn === 1 ? {} : { turn };
}

function saga({ orderId, version, causationId }: Cause) {
  return { aggregateId: orderId, version, sagaId: orderId, causationId };
}
