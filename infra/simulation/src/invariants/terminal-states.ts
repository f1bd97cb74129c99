import { isEnded, type Order } from "@shop/order/domain";
import type { Shop } from "../shop.ts";

export const terminalStates = new Set<Order["status"]>(["REJECTED", "CANCELLED", "EXPIRED", "DELIVERED"]);

export const isSold = ({ status }: Order): boolean =>
  status === "CONFIRMED" || status === "SHIPPED" || status === "DELIVERED";

/** I2 and I10: one end, for a reason, never left again, and no reminder is due any more. */
export function endsOnce({ timelines, monitor, cancelled }: Shop, order: Order): string[] {
  const { id, status, progress } = order;
  const found: string[] = [];
  const ways = (timelines.get(id) ?? []).map((row) => row.status);
  const end = ways.find((way) => terminalStates.has(way));
  if (end && ways.slice(ways.indexOf(end)).some((way) => way !== end)) {
    found.push(`I2 ${id} came back from ${end}: ${ways.join(" ")}`);
  }
  if (!isEnded(order) && !isSold(order)) found.push(`I2 ${id} rests as ${status}`);
  // Parcels take days, and order reminds shipping of them every day.
  const isUnderWay = status === "SHIPPED" || (status === "CONFIRMED" && progress.shipments.length > 0);
  if (progress.remindAt !== null && !isUnderWay) found.push(`I10 ${id} (${status}) still has a reminder`);

  const hasFailed =
    monitor.hasPublished(id, "PaymentCaptureFailed") || monitor.hasPublished(id, "ShipmentFailed");
  if (hasFailed && !isEnded(order)) found.push(`I2 ${id} is ${status}, and can't be paid or sent`);
  const isRefused = monitor.hasPublished(id, "InventoryReservationFailed");
  // Paid after it had given its stock back, which another order has bought meanwhile.
  const hasLostStock = isRefused && monitor.hasPublished(id, "StockRequested");
  if (
    status === "CANCELLED" &&
    !hasFailed &&
    !monitor.lostWins.has(id) &&
    !hasLostStock &&
    !cancelled.has(id)
  )
    found.push(`I2 ${id} is CANCELLED for nothing`);
  if (status === "REJECTED" && !isRefused) found.push(`I2 ${id} is REJECTED for nothing`);
  if (isRefused && !isEnded(order)) found.push(`I2 ${id} is ${status} without stock`);
  return found;
}
