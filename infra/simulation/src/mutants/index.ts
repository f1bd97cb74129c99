import { inventoryMutants } from "./inventory-mutants.ts";
import type { Mutant } from "./mutant.ts";
import { orderMutants } from "./order-mutants.ts";
import { paymentMutants } from "./payment-mutants.ts";
import { shippingMutants } from "./shipping-mutants.ts";
import { winningMutants } from "./winning-mutants.ts";

/** Mistakes that must be found; where one is not, invariants or scenarios are to be mended, not this list. */
export const mutants: readonly Mutant[] = [
  ...orderMutants,
  ...paymentMutants,
  ...shippingMutants,
  ...inventoryMutants,
  ...winningMutants,
];
