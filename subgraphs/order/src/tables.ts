import { getTableColumns } from "drizzle-orm";
import { boolean, integer, jsonb, pgTable, type PgTable, text, timestamp, uuid } from "drizzle-orm/pg-core";
import type { Order, OrderStatus, Progress, TimelineType } from "./domain/index.ts";

const instant = (name: string) => timestamp(name, { withTimezone: true, mode: "date" });

export const orders = pgTable("orders", {
  id: text("id").primaryKey(),
  number: text("number").notNull().unique(),
  customerId: text("customer_id"),
  email: text("email").notNull(),
  emailKey: text("email_key").notNull(),
  client: text("client"),
  cartId: text("cart_id").notNull(),
  cartVersion: integer("cart_version").notNull(),
  status: text("status").$type<OrderStatus>().notNull(),
  statusReason: text("status_reason"),
  expiresAt: instant("expires_at"),
  dueAt: instant("due_at"),
  version: integer("version").notNull(),
  counter: integer("counter").notNull(),
  details: jsonb("details")
    .$type<
      Pick<Order, "lines" | "totals" | "address" | "shippingOptionId" | "shippingOption" | "flashSale">
    >()
    .notNull(),
  progress: jsonb("progress").$type<Omit<Progress, "remindAt">>().notNull(),
  isHeldUnpaid: boolean("is_held_unpaid").notNull(),
  createdAt: instant("created_at").notNull(),
  changedAt: instant("changed_at").notNull().defaultNow(),
});

/** The last counter of each customer's feed. */
export const customerFeeds = pgTable("customer_feeds", {
  customerId: text("customer_id").primaryKey(),
  counter: integer("counter").notNull(),
});

/** The timeline. */
export const orderEvents = pgTable("order_events", {
  orderId: text("order_id").notNull(),
  counter: integer("counter").notNull(),
  customerId: text("customer_id"),
  customerCounter: integer("customer_counter"),
  type: text("type").$type<TimelineType>().notNull(),
  status: text("status").$type<OrderStatus>().notNull(),
  message: text("message").notNull(),
  causationId: uuid("causation_id"),
  occurredAt: instant("occurred_at").notNull(),
});

/** The words by which staff find an order. */
export const orderSearch = pgTable("order_search", {
  orderId: text("order_id").primaryKey(),
  words: text("words").notNull(),
});

/** Declined payments of each payer. */
export const declines = pgTable("declines", {
  payerKey: text("payer_key").primaryKey(),
  declined: integer("declined").notNull(),
  since: instant("since").notNull(),
});

/** An order as it is read. */
export type OrderRow = Omit<typeof orders.$inferSelect, "emailKey" | "isHeldUnpaid">;

/** A row of the timeline as it is read. */
export type TimelineEntry = Omit<
  typeof orderEvents.$inferSelect,
  "customerId" | "customerCounter" | "causationId"
>;

/** The columns of an OrderRow, for `select ${sql.unsafe(orderColumns)} from orders`. */
export const orderColumns = columnsOf(orders, ["emailKey", "isHeldUnpaid"]);

/** The columns of a TimelineEntry. */
export const timelineColumns = columnsOf(orderEvents, ["customerId", "customerCounter", "causationId"]);

function columnsOf(table: PgTable, omitted: readonly string[]): string {
  const read = Object.entries(getTableColumns(table)).filter(([property]) => !omitted.includes(property));
  return read.map(([property, { name }]) => `${name} as "${property}"`).join(", ");
}
