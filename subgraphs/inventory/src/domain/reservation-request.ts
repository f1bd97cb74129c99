import type { ShopEvent } from "@shop/events";
import type { Line } from "./unpaid-unit-limits.ts";

/** The stock that an order requests. */
export type ReservationRequest = {
  orderId: string;
  destination: string;
  lines: readonly Line[];
  /** Counts the order's reservations from 1. */
  turn: number;
  isUnpaid: boolean;
  /** The line that a flash-sale ticket buys. */
  flash?: { ticketId: string; lineId: string };
};

/** The request of OrderInitiated, which is the order's first, or of StockRequested. */
export function reservationRequest(
  event: ShopEvent<"OrderInitiated"> | ShopEvent<"StockRequested">,
): ReservationRequest {
  const { orderId, address } = event.data;
  const lines = event.data.lines.map(({ lineId, sku, quantity }) => ({ lineId, sku, quantity }));
  const { flashSale } = event.data;
  const request = { orderId, destination: address.country, lines, ...(flashSale && { flash: flashSale }) };
  return event.type === "OrderInitiated"
    ? { ...request, turn: 1, isUnpaid: event.data.isUnpaid ?? false }
    : { ...request, turn: event.data.turn, isUnpaid: false };
}
