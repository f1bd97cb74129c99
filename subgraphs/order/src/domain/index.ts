export type { NotCancelled } from "./cancel-order.ts";
export { decide } from "./decide.ts";
export { defaultHoldRules, type HoldRules, isHeldUnpaid } from "./hold-unpaid.ts";
export {
  type Command,
  type SubscribedEvent,
  subscribedTypes,
  type SubscribedType,
  type Message,
} from "./message.ts";
export {
  type Bought,
  type DisputeStatus,
  isEnded,
  isExpiring,
  type Order,
  type OrderStatus,
  type Progress,
  type Standing,
} from "./order.ts";
export type { At, OrderDecision, TimelineRow, TimelineType } from "./transition.ts";
