/** This many units or fewer are LOW_STOCK. */
export const lowStockUnits = 5;

/** A number of units as a customer sees it. */
export function showAvailability(quantity: number) {
  if (quantity <= 0) return { status: "OUT_OF_STOCK" as const, quantity: 0 };
  return { status: quantity <= lowStockUnits ? ("LOW_STOCK" as const) : ("IN_STOCK" as const), quantity };
}
