import { bigint, integer, jsonb, pgTable, text, timestamp } from "drizzle-orm/pg-core";
import type { CartLine } from "./domain/cart.ts";

export const carts = pgTable("carts", {
  id: text().primaryKey(),
  place: bigint({ mode: "number" }).generatedAlwaysAsIdentity(),
  customerId: text("customer_id").notNull(),
  version: integer().notNull(),
  currency: text().notNull(),
  lines: jsonb().$type<readonly CartLine[]>().notNull(),
  updatedAt: timestamp("updated_at", { withTimezone: true, mode: "date" }).notNull(),
});

export const boughtOrders = pgTable("bought_orders", {
  orderId: text("order_id").primaryKey(),
  takenOutAt: timestamp("taken_out_at", { withTimezone: true, mode: "date" }),
});
