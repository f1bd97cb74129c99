import { userError } from "@shop/values";
import {
  maxLines,
  maxQuantity,
  priceOf,
  withLines,
  type Cart,
  type CartLine,
  type EditContext,
  type UserError,
} from "./cart.ts";

export type MergeStrategy = "SUM" | "KEEP_GUEST" | "KEEP_MINE";

/** The guest cart as the customer's, and the customer's earlier cart if its lines moved. */
export type Claim =
  { claimed: Cart; emptied: Cart | undefined; errors?: undefined } | { errors: UserError[] };

/**
 * Makes the guest cart the customer's, and moves the lines of the customer's earlier cart into it. An earlier cart in another
 * currency keeps its lines, because the claimed cart can't price them; it stays readable.
 */
export function claimCart(
  guest: Cart,
  mine: Cart | undefined,
  command: { customerId: string; strategy: MergeStrategy },
  { variants, now }: Pick<EditContext, "variants" | "now">,
): Claim {
  const earlier = mine && mine.currency === guest.currency && mine.lines.length > 0 ? mine : undefined;
  const theirs = new Map(guest.lines.map((line) => [line.sku, line]));
  const moved = (earlier?.lines ?? []).map((line) => {
    const twin = theirs.get(line.sku);
    if (!twin) return line;
    theirs.delete(line.sku);
    const priceWhenAdded = priceOf(variants.get(line.sku), guest.currency) ?? twin.priceWhenAdded;
    return { ...twin, quantity: merged(command.strategy, twin, line), priceWhenAdded };
  });
  const lines = [...moved, ...theirs.values()];
  if (lines.length > maxLines) {
    return { errors: [userError("QUANTITY_LIMIT", `Together the carts have more than ${maxLines} lines.`)] };
  }
  return {
    claimed: { ...withLines(guest, lines, now), customerId: command.customerId },
    emptied: earlier && withLines(earlier, [], now),
  };
}

function merged(strategy: MergeStrategy, guest: CartLine, mine: CartLine): number {
  switch (strategy) {
    case "SUM":
      return Math.min(guest.quantity + mine.quantity, maxQuantity);
    case "KEEP_GUEST":
      return guest.quantity;
    case "KEEP_MINE":
      return mine.quantity;
  }
}
