export * from "./catalog.ts";
export * from "./decision.ts";
export * from "./envelope.ts";
export * from "./events.ts";
export * from "./inventory.ts";
export * from "./parts.ts";
export * from "./requests.ts";
export { shipmentStatus } from "./shipping.ts";
export type { ServiceName } from "@shop/values";
