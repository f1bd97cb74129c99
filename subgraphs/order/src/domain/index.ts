export { type NotCancelled, whyNotCancelled } from "./cancel-order.ts";
export { decide } from "./decide.ts";
export { isHeldUnpaid } from "./hold-unpaid.ts";
export {
  type Command,
  type Message,
  type SubscribedEvent,
  type SubscribedType,
  subscribedTypes,
} from "./message.ts";
export {
  type DisputeStatus,
  hasOrdinaryLines,
  isEnded,
  isExpiring,
  type Order,
  type OrderStatus,
  type Progress,
} from "./order.ts";
export { defaultExpirySeconds, defaultUnpaidRules } from "./unpaid-deadlines.ts";
export { whyNotPaid } from "./pay-order.ts";
export { replyToWin } from "./win-order.ts";
export type { DecisionContext, OrderDecision, TimelineRow, TimelineType, UnpaidRules } from "./transition.ts";
