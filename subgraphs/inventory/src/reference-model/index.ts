export { adjust } from "./adjust.ts";
export { apply } from "./apply.ts";
export { defaultHoldRules, type HoldRules } from "../domain/unpaid-unit-limits.ts";
export { available, emptyModel } from "./model.ts";
export type { Decision, Item, Model, OrderEvent, Place, Reservation } from "./model.ts";
