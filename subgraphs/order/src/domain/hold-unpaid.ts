import { stockYielded } from "./events.ts";
import { hasOrdinaryLines, type Order, withProgress } from "./order.ts";
import type { DecisionContext, Transition } from "./transition.ts";

/**
 * Whether the order holds stock, or is about to, while no attempt to pay is under way at the provider: it came without a
 * payment method, was declined, or waits for the customer (3-D Secure).
 */
export function isHeldUnpaid(order: Order): boolean {
  // A flash hold alone is bounded by its own end: a declined card may be tried again until then.
  if (!hasOrdinaryLines(order)) return false;
  if (order.status !== "CREATED" && order.status !== "AWAITING_PAYMENT") return false;
  const { stock, money } = order.progress;
  const holdsStock = stock.status === "REQUESTED" || stock.status === "RESERVED";
  return money === "NONE" && holdsStock && !isBeingPaid(order);
}

function isBeingPaid({ progress: { paymentToken, attempt, processedKeys } }: Order): boolean {
  const isWaiting = processedKeys.some((key) => key.startsWith(`PaymentActionRequired:${attempt}:`));
  return paymentToken !== null && !isWaiting;
}

/**
 * A held and unpaid order keeps its stock within the limits. Beyond them the stock returns to sale, and the order stays
 * payable: once it is paid, the stock is reserved anew (`advance.ts`). The unit of a flash-sale ticket stays the ticket's.
 */
export function yieldBeyondLimits(transition: Transition, { holdsTooMany }: DecisionContext): Transition {
  const { next, events, timeline } = transition;
  const { stock } = next.progress;
  if (next.status !== "AWAITING_PAYMENT" || stock.status !== "RESERVED" || !isHeldUnpaid(next))
    return transition;
  if (stock.mayBeHeld !== false && !holdsTooMany) return transition;
  const items = next.flashSale ? "All items but your flash-sale unit" : "The items";
  const message = `${items} are on sale again until you pay; paying still buys them while there are any.`;
  return {
    next: withProgress(next, { stock: { status: "YIELDED" } }),
    events: [...events, stockYielded(next)],
    timeline: [...timeline, { type: "INVENTORY_RELEASED", status: next.status, message }],
  };
}
