export * from "./catalog.ts";
export * from "./decision.ts";
export * from "./envelope.ts";
export * from "./events.ts";
export * from "./inventory.ts";
export * from "./shared-schemas.ts";
export * from "./request-contracts.ts";
export { shipmentStatus } from "./shipping.ts";
export type { ServiceName } from "@shop/values";
