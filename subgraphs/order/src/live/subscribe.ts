import { badInput, type Identity, requireUser, notFound } from "@shop/service";
import { decodeCursor, encodeCursor } from "@shop/values";
import type { Deps } from "../deps.ts";
import type {
  SubscriptionMyOrdersUpdatedArgs,
  SubscriptionOrderUpdatedArgs,
} from "../generated/resolvers.ts";
import type { Feed } from "../store/read-feeds.ts";
import { maySee } from "../visibility.ts";
import type { Update } from "./live-updates.ts";

type Updates = AsyncIterableIterator<Update>;

/** One order's updates from its beginning, or after the cursor. Visibility is checked once, here. */
export async function followOrder(
  { store, live, tokens }: Deps,
  { orderId, token, after }: SubscriptionOrderUpdatedArgs,
  identity: Identity,
): Promise<Updates> {
  const order = await store.find(orderId);
  if (!order || !maySee(order, { identity, token, tokens })) {
    throw notFound("There is no such order.", ["orderId"]);
  }
  const feed: Feed = { of: "order", id: order.id };
  return live.follow(feed, after ? counterOf(after, feed, order.counter) : 0);
}

/** The updates of all of a customer's orders from now on, or after the cursor. */
export async function followCustomer(
  { store, live }: Deps,
  { after }: SubscriptionMyOrdersUpdatedArgs,
  identity: Identity,
): Promise<Updates> {
  const feed: Feed = { of: "customer", id: requireUser({ identity }).userId };
  const latest = await store.customerCounter(feed.id);
  return live.follow(feed, after ? counterOf(after, feed, latest) : latest);
}

export function cursorOf({ feed, counter }: Pick<Update, "feed" | "counter">): string {
  return encodeCursor([feed.of, feed.id, counter]);
}

/** A cursor of another feed, or beyond its latest row, was never given out. */
function counterOf(cursor: string, feed: Feed, latest: number): number {
  const [of, id, counter] = decodeCursor(cursor, ["string", "string", "number"]);
  const isOurs = of === feed.of && id === feed.id && Number.isInteger(counter);
  if (!isOurs || Number(counter) < 0 || Number(counter) > latest) {
    throw badInput(`"after" must be a cursor that this subscription gave.`, ["after"]);
  }
  return Number(counter);
}
