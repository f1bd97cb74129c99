/** From this many units on down, customers are told that there is little left. */
export const littleLeftUnits = 5;

/** How a number of units looks to a customer. */
export function showAvailability(quantity: number) {
  if (quantity <= 0) return { status: "OUT_OF_STOCK" as const, quantity: 0 };
  return { status: quantity <= littleLeftUnits ? ("LOW_STOCK" as const) : ("IN_STOCK" as const), quantity };
}
