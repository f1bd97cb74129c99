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
  { live, tokens }: Deps,
  { orderId, token, after }: SubscriptionOrderUpdatedArgs,
  identity: Identity,
): Promise<Updates> {
  const feed: Feed = { of: "order", id: orderId };
  const counter = after ? counterOf(after, feed) : 0;
  // Who may see an order never changes, so that an earlier state of it says it as well.
  const order = await live.find(orderId, counter ?? 0);
  if (!order || !maySee(order, { identity, token, tokens })) {
    throw notFound("There is no such order.", ["orderId"]);
  }
  return live.follow(feed, given(counter, order.counter));
}

/** The updates of all of a customer's orders from now on, or after the cursor. */
export async function followCustomer(
  { store, live }: Deps,
  { after }: SubscriptionMyOrdersUpdatedArgs,
  identity: Identity,
): Promise<Updates> {
  const feed: Feed = { of: "customer", id: requireUser({ identity }).userId };
  const latest = await store.customerCounter(feed.id);
  return live.follow(feed, after ? given(counterOf(after, feed), latest) : latest);
}

export function cursorOf({ feed, counter }: Pick<Update, "feed" | "counter">): string {
  return encodeCursor([feed.of, feed.id, counter]);
}

/** The counter of the feed's cursor; undefined for one that this feed never gave. */
function counterOf(cursor: string, feed: Feed): number | undefined {
  const [of, id, counter] = decodeCursor(cursor, ["string", "string", "number"]);
  const isOurs = of === feed.of && id === feed.id && Number.isInteger(counter) && Number(counter) >= 0;
  return isOurs ? Number(counter) : undefined;
}

/** A cursor of another feed, or beyond its latest row, was never given out. */
function given(counter: number | undefined, latest: number): number {
  if (counter === undefined || counter > latest)
    throw badInput(`"after" must be a cursor that this subscription gave.`, ["after"]);
  return counter;
}
