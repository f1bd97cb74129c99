export { adjust } from "./adjust.ts";
export { apply } from "./apply.ts";
export { defaultHoldRules, type HoldRules } from "./hold-unpaid.ts";
export { available, emptyModel } from "./model.ts";
export type { Item, Model, OrderNews, Place, Reservation, Step } from "./model.ts";
