import type { RequestReply } from "@shop/events";
import { isEnded } from "./domain/index.ts";
import type { Store } from "./store/store.ts";

/** What payment must know of an order whose payment it has no row of. */
export async function standing(store: Store, orderId: string): Promise<RequestReply<"order.standing">> {
  const order = await store.find(orderId);
  if (!order) return { outcome: "unknown" };
  return { outcome: "known", total: order.totals.total, isOver: isEnded(order) };
}
