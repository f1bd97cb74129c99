import { bigint, boolean, integer, pgTable, text, timestamp } from "drizzle-orm/pg-core";

const minorUnits = (name: string) => bigint(name, { mode: "number" });
const instant = (name: string) =>
  timestamp(name, { withTimezone: true, mode: "date" }).notNull().defaultNow();

export const payments = pgTable("payments", {
  id: text("id").primaryKey(),
  orderId: text("order_id").notNull(),
  version: integer("version").notNull(),
  status: text("status").notNull(),
  amount: minorUnits("amount"),
  currency: text("currency"),
  isReserved: boolean("is_reserved").notNull(),
  ended: text("ended"),
  attempt: integer("attempt").notNull(),
  token: text("token"),
  nextAttempt: integer("next_attempt"),
  nextToken: text("next_token"),
  intentId: text("intent_id"),
  pastIntents: text("past_intents").array().notNull(),
  clientSecret: text("client_secret"),
  failureReason: text("failure_reason"),
  refunded: minorUnits("refunded").notNull(),
  cause: text("cause"),
  createdAt: instant("created_at"),
  updatedAt: instant("updated_at"),
});

export const refunds = pgTable("refunds", {
  id: text("id").primaryKey(),
  paymentId: text("payment_id").notNull(),
  amount: minorUnits("amount").notNull(),
  currency: text("currency").notNull(),
  reason: text("reason").notNull(),
  createdAt: instant("created_at"),
});

export const providerEvents = pgTable("provider_events", {
  id: text("id").primaryKey(),
  type: text("type").notNull(),
  intentId: text("intent_id"),
  receivedAt: instant("received_at"),
});

export const provider = pgTable("provider", {
  isOnly: boolean("is_only").primaryKey().default(true),
  shop: text("shop").notNull(),
  seenUntil: minorUnits("seen_until").notNull(),
  dueAt: instant("due_at"),
});
