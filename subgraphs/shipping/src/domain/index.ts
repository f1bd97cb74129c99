export type { NotCalledOff } from "./call-off.ts";
export { decide } from "./decide.ts";
export type { Delivery, Shipment, ShipmentEvent, ShipmentStatus } from "./delivery.ts";
export type { Booking, Message, OrderEvent } from "./message.ts";
export { priceOptions } from "./price-options.ts";
export { tariffs } from "./tariffs.ts";
export type { BookTask, CallOffTask } from "./tasks.ts";
