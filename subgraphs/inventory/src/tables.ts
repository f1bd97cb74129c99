import type { EventData } from "@shop/events";
import type { Money } from "@shop/values";
import { bigint, boolean, integer, jsonb, pgTable, text, timestamp } from "drizzle-orm/pg-core";
import type { Share } from "./domain/unpaid-unit-limits.ts";
import type { Reservation, Shortages } from "./domain/reservation.ts";
import type { TicketStatus } from "./domain/flash-sale.ts";

const instant = (name: string) => timestamp(name, { withTimezone: true, mode: "date" });

/** Seeded by the baseline; `rank` is the tie-break between warehouses. */
export const warehouses = pgTable("warehouses", {
  code: text("code").primaryKey(),
  id: text("id").notNull(),
  name: text("name").notNull(),
  country: text("country").notNull(),
  rank: integer("rank").notNull(),
});

/** The projection of catalog's variants; `version` is that of StockChanged. */
export const items = pgTable("items", {
  sku: text("sku").primaryKey(),
  variantId: text("variant_id").notNull(),
  productId: text("product_id").notNull(),
  productVersion: integer("product_version").notNull(),
  isForSale: boolean("is_for_sale").notNull().default(true),
  skuTurn: integer("sku_turn").notNull().default(1),
  version: integer("version").notNull().default(0),
});

/** The projection of account's tiers: a customer without a row is STANDARD. */
export const customerTiers = pgTable("customer_tiers", {
  customerId: text("customer_id").primaryKey(),
  tier: text("tier").$type<EventData<"UserTierChanged">["tier"]>().notNull(),
  version: integer("version").notNull(),
});

/** A SKU in a warehouse. */
export const stock = pgTable("stock", {
  sku: text("sku").notNull(),
  warehouseCode: text("warehouse_code").notNull(),
  onHand: integer("on_hand").notNull().default(0),
  reserved: integer("reserved").notNull().default(0),
  sold: integer("sold").notNull().default(0),
  unpaid: integer("unpaid").notNull().default(0),
  keepable: integer("keepable").notNull().default(0),
  flash: integer("flash").notNull().default(0),
});

/** The ledger, and the memory of idempotency keys. */
export const stockMovements = pgTable("stock_movements", {
  id: bigint("id", { mode: "number" }).primaryKey().generatedAlwaysAsIdentity(),
  sku: text("sku").notNull(),
  warehouseCode: text("warehouse_code").notNull(),
  delta: integer("delta").notNull(),
  reason: text("reason").notNull(),
  caller: text("caller").notNull(),
  idempotencyKey: text("idempotency_key").notNull(),
  bookedAt: instant("booked_at").notNull().defaultNow(),
});

/** An order's reservation. */
export const reservations = pgTable("reservations", {
  orderId: text("order_id").primaryKey(),
  status: text("status").$type<Reservation["status"]>().notNull(),
  version: integer("version").notNull().default(1),
  shortages: jsonb("shortages").$type<Shortages>(),
  wasSold: boolean("was_sold"),
  changedAt: instant("changed_at").notNull().defaultNow(),
  turn: integer("turn").notNull().default(1),
  share: text("share").$type<Share>(),
});

/** The warehouse and quantity of a reserved line. */
export const allocations = pgTable("allocations", {
  orderId: text("order_id").notNull(),
  lineId: text("line_id").notNull(),
  warehouseCode: text("warehouse_code").notNull(),
  sku: text("sku").notNull(),
  quantity: integer("quantity").notNull(),
  position: integer("position").notNull(),
  ticketId: text("ticket_id"),
});

/** A flash sale: `waiting` tickets, `unitsFree` without a ticket, `unitsSold` to confirmed orders. */
export const flashSales = pgTable("flash_sales", {
  id: text("id").primaryKey(),
  sku: text("sku").notNull(),
  price: jsonb("price").$type<Money>().notNull(),
  unitsTotal: integer("units_total").notNull(),
  unitsFree: integer("units_free").notNull(),
  unitsSold: integer("units_sold").notNull().default(0),
  waiting: integer("waiting").notNull().default(0),
  perCustomerLimit: integer("per_customer_limit").notNull(),
  startsAt: instant("starts_at").notNull(),
  endsAt: instant("ends_at").notNull(),
  holdSeconds: integer("hold_seconds").notNull(),
  outsideSale: text("outside_sale").$type<"ORDINARY" | "NOT_FOR_SALE">().notNull(),
  vipRatio: integer("vip_ratio"),
  standardRatio: integer("standard_ratio"),
  lineFactor: integer("line_factor").notNull(),
  lineFloor: integer("line_floor").notNull(),
  lastNumber: integer("last_number").notNull().default(0),
  lastGrant: integer("last_grant").notNull().default(0),
  contestedGrants: integer("contested_grants").notNull().default(0),
  closedAt: instant("closed_at"),
  version: integer("version").notNull().default(1),
  createdBy: text("created_by").notNull(),
  createdAt: instant("created_at").notNull().defaultNow(),
});

/** A customer's place in a sale; `counter` counts its changes and is a subscriber's cursor. */
export const flashTickets = pgTable("flash_tickets", {
  id: text("id").primaryKey(),
  saleId: text("sale_id").notNull(),
  number: integer("number").notNull(),
  customerId: text("customer_id").notNull(),
  line: text("line").$type<"VIP" | "STANDARD">().notNull(),
  status: text("status").$type<TicketStatus>().notNull(),
  counter: integer("counter").notNull().default(1),
  enteredAt: instant("entered_at").notNull(),
  grantedAt: instant("granted_at"),
  grantNumber: integer("grant_number"),
  wasContested: boolean("was_contested").notNull().default(false),
  holdExpiresAt: instant("hold_expires_at"),
  unit: integer("unit"),
  orderId: text("order_id"),
  endedAt: instant("ended_at"),
  returnedAt: instant("returned_at"),
});

/** A unit of a sale, and the warehouse that sends it. */
export const flashUnits = pgTable("flash_units", {
  saleId: text("sale_id").notNull(),
  unit: integer("unit").notNull(),
  sku: text("sku").notNull(),
  warehouseCode: text("warehouse_code").notNull(),
  status: text("status").$type<"SET_ASIDE" | "ORDERED" | "SOLD" | "BACK">().notNull().default("SET_ASIDE"),
  ticketId: text("ticket_id"),
});
