import type { Allocation } from "@shop/events";
import { isEnded, type Order } from "@shop/order/domain";
import type { Shipment } from "@shop/shipping/domain";
import type { Shop } from "../shop.ts";
import { isSold } from "./terminal-states.ts";

/** I9: parcels for every allocation of a confirmed order, for nothing else, and the carrier comes for these alone. */
export function parcelsAgree(shop: Shop, order: Order): string[] {
  const { shipping, monitor } = shop;
  const { id, status } = order;
  const parcels = shipping.parcels(id);
  const found: string[] = [];
  if (parcels.length > 0 && !monitor.hasPublished(id, "OrderConfirmed"))
    found.push(`I9 ${id} ships unconfirmed`);
  if (isSold(order) && shipping.delivery(id)?.status !== "BOOKED") {
    found.push(`I9 ${id} is ${status}, and its delivery is ${shipping.delivery(id)?.status ?? "unknown"}`);
  }
  if (isEnded(order) && parcels.some((parcel) => parcel.status !== "CANCELLED")) {
    found.push(`I9 ${id} is ${status}, and a parcel waits to leave, or has left`);
  }
  const left = parcels.filter((parcel) => shipping.departed.has(parcel.id));
  if (left.some((parcel) => parcel.status === "CANCELLED")) found.push(`I9 ${id} called off what had left`);
  const isRestocked = shop.stock().reservations.get(id)?.status !== "SOLD";
  if (left.length > 0 && isRestocked) found.push(`I9 ${id} has restocked what had left`);
  for (const parcel of parcels) {
    const isAwaited = shipping.awaited.has(parcel.id);
    if (isAwaited !== (parcel.status !== "CANCELLED")) {
      found.push(
        `I9 ${parcel.id} is ${parcel.status}, and the carrier ${isAwaited ? "comes" : "doesn't come"}`,
      );
    }
  }
  const isUntracked = parcels.some((one) => one.trackingNumber === null && one.status !== "CANCELLED");
  if (isUntracked) found.push(`I9 a parcel of ${id} is on its way, and no carrier knows it`);
  return [...found, ...allIsSent(shop, order, parcels), ...orderKnows(order, parcels)];
}

/** What the parcels have in them is what the warehouses have reserved, to the unit. */
function allIsSent(shop: Shop, order: Order, parcels: Shipment[]): string[] {
  const reservation = shop.stock().reservations.get(order.id);
  if (!isSold(order) || reservation?.status !== "SOLD") return [];
  const sent = parcels
    .filter(({ status }) => status !== "CANCELLED")
    .flatMap(({ warehouseCode, contents }) => contents.map((part) => ({ ...part, warehouseCode })));
  const [wanted, packed] = [unitsByPlace(reservation.allocations), unitsByPlace(sent)];
  return wanted === packed ? [] : [`I9 ${order.id} has reserved ${wanted}, and sends ${packed || "nothing"}`];
}

function unitsByPlace(parts: Pick<Allocation, "lineId" | "sku" | "warehouseCode" | "quantity">[]): string {
  return parts
    .map(({ lineId, sku, warehouseCode, quantity }) => `${quantity} ${sku} of ${lineId} in ${warehouseCode}`)
    .sort()
    .join(", ");
}

/** I6: order knows where its parcels are, also after news of them got lost. */
function orderKnows(order: Order, parcels: Shipment[]): string[] {
  if (!isSold(order)) return [];
  const known = new Map(order.progress.shipments.map((one) => [one.shipmentId, one.status]));
  const hasLeft = parcels.some(({ status }) => status !== "SCHEDULED" && status !== "CANCELLED");
  const hasArrived = parcels.every(({ status }) => status === "DELIVERED" || status === "CANCELLED");
  const expected = !hasLeft ? "CONFIRMED" : hasArrived ? "DELIVERED" : "SHIPPED";
  return [
    ...parcels
      .filter((one) => known.get(one.id) !== one.status)
      .map((one) => `I6 ${one.id} is ${one.status}, and ${order.id} believes ${known.get(one.id)}`),
    ...(order.status === expected ? [] : [`I6 ${order.id} is ${order.status}, its parcels are ${expected}`]),
  ];
}
