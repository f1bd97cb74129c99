export { adjust } from "./adjust.ts";
export { apply } from "./apply.ts";
export { defaultHoldRules, type HoldRules } from "../../src/domain/unpaid-unit-limits.ts";
export { available, emptyModel, raiseVersions, withPlace } from "./model.ts";
export type { Decision, Item, Model, OrderEvent, Place } from "./model.ts";
export type { Reservation } from "../../src/domain/reservation.ts";
export {
  applyToSale,
  freeUnits,
  planSale,
  ticketsThatAre,
  unitsSold,
  type SaleMessage,
  type SaleModel,
  type SalePlan,
  type SaleStep,
  type SaleTicket,
} from "./flash-sale.ts";
