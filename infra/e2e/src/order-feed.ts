import type { Answer, DataOf } from "./answer.ts";
import type { Feed } from "./feed.ts";
import type { OrderEventType } from "./generated/operations.ts";

/** The updates of an order that is paid at checkout, in order. */
export const wholeLife: readonly OrderEventType[] = [
  "ORDER_INITIATED",
  "INVENTORY_RESERVED",
  "PAYMENT_PROCESSED",
  "ORDER_CONFIRMED",
  "SHIPMENT_SCHEDULED",
];

/** The updates of one order. */
export type OrderFeed = Feed<DataOf<"order-updated">>;

/** Whether a push of `order-updated` is such an event. */
export const isEvent =
  (type: OrderEventType) =>
  ({ data }: Answer<DataOf<"order-updated">>): boolean =>
    data?.orderUpdated?.event.type === type;

/** The types of the events that were pushed. */
export const typesOf = ({ pushes }: OrderFeed): OrderEventType[] =>
  pushes.map(({ data }) => data.orderUpdated.event.type);
