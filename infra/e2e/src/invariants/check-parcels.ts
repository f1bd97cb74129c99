import { sold, type Databases, type Order, type Violations } from "./read-shop.ts";

type Parcel = { id: string; order: string; is: string; warehouse: string; contents: Part[] };
type Part = { lineId: string; sku: string; quantity: number };

/**
 * I9: parcels for every allocation of a confirmed order, to the unit and the warehouse, and for nothing else. I16: where
 * order believes its parcels are, they are.
 */
export async function checkParcels(orders: Order[], { inventory, shipping }: Databases): Promise<Violations> {
  const parcels = await shipping<Parcel[]>`
    select id, order_id as order, status as is, warehouse_code as warehouse, contents from shipments`;
  const allocations = await inventory<(Part & { order: string; warehouse: string })[]>`
    select order_id as order, line_id as "lineId", sku, quantity, warehouse_code as warehouse from allocations`;
  const byId = new Map(orders.map((order) => [order.id, order]));
  const allocated = Map.groupBy(allocations, ({ order }) => order);
  const sent = Map.groupBy(parcels, ({ order }) => order);
  return [
    ...parcels
      .filter(({ order, is }) => is !== "CANCELLED" && !sold.has(byId.get(order)?.status ?? ""))
      .map(
        ({ order, is }) => `I9: order ${order} is ${byId.get(order)?.status} and a shipment of it is ${is}`,
      ),
    ...orders
      .filter(({ status }) => sold.has(status))
      .flatMap((order) => {
        const mine = sent.get(order.id) ?? [];
        const packed = mine
          .filter(({ is }) => is !== "CANCELLED")
          .flatMap(({ warehouse, contents }) => contents.map((part) => ({ ...part, warehouse })));
        const [wanted, has] = [inWords(allocated.get(order.id) ?? []), inWords(packed)];
        return [
          ...(wanted === has
            ? []
            : [
                `I9: order ${order.id} is ${order.status}, of ${wanted || "nothing"} it sends ${has || "nothing"}`,
              ]),
          ...orderKnows(order, mine),
        ];
      }),
  ];
}

function orderKnows({ id, status, shipments }: Order, parcels: Parcel[]): Violations {
  const believed = new Map(shipments.map((one) => [one.shipmentId, one.status]));
  const stands = parcels.filter(({ is }) => is !== "CANCELLED");
  const hasLeft = stands.some(({ is }) => is !== "SCHEDULED");
  const expected = !hasLeft
    ? "CONFIRMED"
    : stands.every(({ is }) => is === "DELIVERED")
      ? "DELIVERED"
      : "SHIPPED";
  return [
    ...parcels
      .filter((parcel) => believed.get(parcel.id) !== parcel.is)
      .map((parcel) => `I16: ${parcel.id} is ${parcel.is}, and order believes ${believed.get(parcel.id)}`),
    ...(status === expected ? [] : [`I16: order ${id} is ${status}, and its parcels are ${expected}`]),
  ];
}

function inWords(parts: (Part & { warehouse: string })[]): string {
  return parts
    .map(({ lineId, sku, quantity, warehouse }) => `${quantity} ${sku} of ${lineId} in ${warehouse}`)
    .sort()
    .join(", ");
}
