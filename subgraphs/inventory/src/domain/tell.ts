import { event, type Allocation, type EventData, type NewEvent, type StockState } from "@shop/events";

/** The order and the event that this answers. */
export type Cause = { orderId: string; version: number; causationId: string };

/** All lines are reserved. */
export function reserved(
  cause: Cause,
  { allocations, turn, mayBeHeld }: { allocations: Allocation[]; turn: number; mayBeHeld: boolean },
  stock: StockState[],
): NewEvent[] {
  const { orderId } = cause;
  const data = { orderId, allocations, ...turnOf(turn), ...(mayBeHeld ? {} : { mayBeHeld }) };
  return [event("InventoryReserved", { ...saga(cause), data }), ...stockChanged(stock, cause.causationId)];
}

/** Not all lines could be had, so none is reserved. */
export function reservationFailed(
  cause: Cause,
  { shortages, turn }: { shortages: EventData<"InventoryReservationFailed">["shortages"]; turn: number },
): NewEvent[] {
  const { orderId } = cause;
  const data = { orderId, shortages, ...turnOf(turn) };
  return [event("InventoryReservationFailed", { ...saga(cause), data })];
}

/** What was reserved or sold can be bought again. */
export function released(cause: Cause, wasSold: boolean, stock: StockState[]): NewEvent[] {
  const { orderId } = cause;
  const told = event("InventoryReleased", { ...saga(cause), data: { orderId, wasSold } });
  return [told, ...stockChanged(stock, cause.causationId)];
}

/** What can be bought of these SKUs now. */
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

/** The first turn is what an absent one means. */
function turnOf(turn: number) {
  return turn === 1 ? {} : { turn };
}

function saga({ orderId, version, causationId }: Cause) {
  return { aggregateId: orderId, version, sagaId: orderId, causationId };
}
