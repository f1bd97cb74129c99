import type { Money } from "@shop/values";
import { bigint, boolean, integer, jsonb, pgTable, text, timestamp } from "drizzle-orm/pg-core";
import type { CartLine } from "./domain/cart.ts";
import type { PlannedSales } from "./domain/flash-sale.ts";

const instant = (name: string) => timestamp(name, { withTimezone: true, mode: "date" });
const serial = (name: string) => bigint(name, { mode: "number" });

/** Customers' carts; guests' carts are in Redis. The cart of the highest sequence is the customer's current one. */
export const carts = pgTable("carts", {
  id: text("id").primaryKey(),
  ref: text("ref").notNull(),
  sequence: serial("sequence").notNull(),
  customerId: text("customer_id").notNull(),
  version: integer("version").notNull(),
  currency: text("currency").notNull(),
  lines: jsonb("lines").$type<CartLine[]>().notNull(),
  updatedAt: instant("updated_at").notNull(),
});

/** Confirmed orders, and when their lines were removed from a customer's cart. */
export const purchasedOrders = pgTable("purchased_orders", {
  orderId: text("order_id").primaryKey(),
  removedAt: instant("removed_at"),
});

/** Idempotency records that moved from Redis with their claimed cart. */
export const claimedIdempotencyRecords = pgTable("claimed_idempotency_records", {
  cartId: text("cart_id").notNull(),
  key: text("key").notNull(),
  value: text("value").notNull(),
  claimedAt: instant("claimed_at").notNull().defaultNow(),
});

/** The projection of variants. The title is null before catalog's first event about the variant. */
export const variants = pgTable("variants", {
  sku: text("sku").primaryKey(),
  variantId: text("variant_id").notNull(),
  productId: text("product_id").notNull(),
  title: text("title"),
  imageUrl: text("image_url"),
  prices: jsonb("prices").$type<Money[]>().notNull(),
  weightGrams: integer("weight_grams").notNull(),
  isForSale: boolean("is_for_sale").notNull(),
  available: integer("available").notNull(),
  stockVersion: integer("stock_version").notNull(),
  skuTurn: integer("sku_turn").notNull().default(1),
  revision: serial("revision").notNull(),
  sales: jsonb("sales").$type<PlannedSales>().notNull(),
});

/** The newest version of each product in the projection, also of products without variants. */
export const products = pgTable("products", {
  productId: text("product_id").primaryKey(),
  version: integer("version").notNull(),
});

/** One row: the revision of the last batch, and whether the projection was read from its owners. */
export const projection = pgTable("projection", {
  isOnly: boolean("is_only").primaryKey().default(true),
  revision: serial("revision").notNull(),
  isRebuilt: boolean("is_rebuilt").notNull(),
});
