export type { StaysAsItIs } from "./call-off.ts";
export { decide } from "./decide.ts";
export type { Delivery, Shipment, ShipmentEvent, ShipmentStatus } from "./delivery.ts";
export type { BookTask, CallOffTask, Message, OrderNews } from "./message.ts";
export { priceOptions } from "./price-options.ts";
