export { untilInvariantsHold } from "./check-invariants.ts";
export {
  type Answer,
  address,
  key,
  logIn,
  operation,
  plentyOf,
  readyCart,
  shopper,
  untilOrder,
  type Shopper,
} from "./shopper.ts";
