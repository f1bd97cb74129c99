import { integer, jsonb, pgTable, text, timestamp } from "drizzle-orm/pg-core";
import type { CallOff, Delivery, Hold, Shipment, ShipmentEvent, ShipmentStatus } from "./domain/delivery.ts";

const instant = (name: string) => timestamp(name, { withTimezone: true, mode: "date" });

/** One row for each order, also for one that ended before it was confirmed. */
export const deliveries = pgTable("deliveries", {
  orderId: text("order_id").primaryKey(),
  status: text("status").$type<Delivery["status"]>().notNull(),
  version: integer("version").notNull(),
  reason: text("reason"),
  cause: text("cause"),
  calledOff: jsonb("called_off").$type<CallOff>(),
  hold: jsonb("hold").$type<Hold>(),
  changedAt: instant("changed_at").notNull().defaultNow(),
});

/** The parcels. */
export const shipments = pgTable("shipments", {
  id: text("id").primaryKey(),
  orderId: text("order_id").notNull(),
  warehouseCode: text("warehouse_code").notNull(),
  carrier: text("carrier").notNull(),
  trackingNumber: text("tracking_number"),
  trackingUrl: text("tracking_url"),
  status: text("status").$type<ShipmentStatus>().notNull(),
  estimatedDelivery: instant("estimated_delivery").notNull(),
  contents: jsonb("contents").$type<Shipment["contents"]>().notNull(),
  events: jsonb("events").$type<ShipmentEvent[]>().notNull(),
});
