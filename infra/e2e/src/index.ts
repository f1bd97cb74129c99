export { untilInvariantsHold } from "./check-invariants.ts";
export {
  type Answer,
  address,
  key,
  logIn,
  plentyOf,
  readyCart,
  shopper,
  untilOrder,
  type Shopper,
} from "./shopper.ts";
