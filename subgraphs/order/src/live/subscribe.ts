import { badInput, type Identity, requireUser, notFound } from "@shop/service";
import { decodeCursor, encodeCursor } from "@shop/values";
import type {
  SubscriptionMyOrdersUpdatedArgs,
  SubscriptionOrderUpdatedArgs,
} from "../generated/resolvers.ts";
import type { Live, Update } from "./live-updates.ts";
import type { OrderTokens } from "../order-token.ts";
import type { Feed } from "../store/read-feeds.ts";
import type { Store } from "../store/store.ts";
import { maySee } from "../visibility.ts";

type Doors = { store: Store; live: Live; tokens: OrderTokens };
type Updates = AsyncIterableIterator<Update>;

/** One order's whole life, or what came after the cursor. Who may follow is decided once, here. */
export async function followOrder(
  { orderId, token, after }: SubscriptionOrderUpdatedArgs,
  identity: Identity,
  { store, live, tokens }: Doors,
): Promise<Updates> {
  const order = await store.find(orderId);
  if (!order || !maySee(order, { identity, token, tokens })) {
    throw notFound("There is no such order.", ["orderId"]);
  }
  const feed: Feed = { of: "order", id: order.id };
  return live.follow(feed, after ? counterOf(after, feed, order.counter) : 0);
}

/** All of the customer's orders: what comes next, or what came after the cursor. */
export async function followCustomer(
  { after }: SubscriptionMyOrdersUpdatedArgs,
  identity: Identity,
  { store, live }: Doors,
): Promise<Updates> {
  const feed: Feed = { of: "customer", id: requireUser({ identity }).userId };
  const latest = await store.customerCounter(feed.id);
  return live.follow(feed, after ? counterOf(after, feed, latest) : latest);
}

export function cursorOf({ feed, counter }: Pick<Update, "feed" | "counter">): string {
  return encodeCursor([feed.of, feed.id, counter]);
}

/** A cursor of another feed, or of what hasn't happened yet, was never given out. */
function counterOf(cursor: string, feed: Feed, latest: number): number {
  const [of, id, counter] = decodeCursor(cursor, ["string", "string", "number"]);
  const isOurs = of === feed.of && id === feed.id && Number.isInteger(counter);
  if (!isOurs || Number(counter) < 0 || Number(counter) > latest) {
    throw badInput(`"after" must be a cursor that this subscription gave.`, ["after"]);
  }
  return Number(counter);
}
