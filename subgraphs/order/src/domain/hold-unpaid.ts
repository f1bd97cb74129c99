import { note, type Order } from "./order.ts";
import { say, type At, type Step } from "./transition.ts";

/** What an order may do while nobody is paying it. Rules of the shop, in force also where throttles are off. */
export type HoldRules = {
  /** How long stock is set aside where no payment was ever begun. */
  untriedSeconds: number;
  /** Attempts to pay one order, the checkout's own included. */
  maxAttempts: number;
};

/** In force where the service is not configured otherwise: 10 minutes, 8 attempts. */
export const defaultHoldRules: HoldRules = { untriedSeconds: 600, maxAttempts: 8 };

/**
 * Stock is, or is about to be, set aside for it, and no attempt to pay is under way at the provider: it came without a
 * payment method, was declined, or waits for the customer (3-D Secure).
 */
export function isHeldUnpaid(order: Order): boolean {
  if (order.status !== "CREATED" && order.status !== "AWAITING_PAYMENT") return false;
  const { stock, money } = order.progress;
  return money === "NONE" && (stock.is === "ASKED" || stock.is === "RESERVED") && !isBeingPaid(order);
}

function isBeingPaid({ progress: { paymentToken, attempt, heard } }: Order): boolean {
  const isWaiting = heard.some((telling) => telling.startsWith(`PaymentActionRequired:${attempt}:`));
  return paymentToken !== null && !isWaiting;
}

/**
 * An order that nobody is paying any more keeps its stock within what such orders may hold together. Beyond it the stock
 * goes back on sale, and the order stays payable: once it is paid, the stock is reserved anew (see advance.ts).
 */
export function withinBounds(step: Step, at: At): Step {
  const { stock, stockTurn: turn = 1 } = step.to.progress;
  if (step.to.status !== "AWAITING_PAYMENT" || stock.is !== "RESERVED" || !isHeldUnpaid(step.to)) return step;
  if (stock.mayBeHeld !== false && !at.holdsTooMany) return step;
  const message = "The items are on sale again until you pay; paying still buys them while there are any.";
  return {
    to: note(step.to, { stock: { is: "YIELDED" } }),
    says: [...step.says, say("StockYielded", { orderId: step.to.id, turn })],
    shows: [...step.shows, { type: "INVENTORY_RELEASED", status: step.to.status, message }],
  };
}
