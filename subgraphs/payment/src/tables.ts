import { bigint, boolean, integer, jsonb, pgTable, text, timestamp } from "drizzle-orm/pg-core";
import type { Dispute, FailureCode, ParkReason, PaymentStatus } from "./domain/index.ts";

const instant = (name: string) => timestamp(name, { withTimezone: true, mode: "date" });
const minorUnits = (name: string) => bigint(name, { mode: "number" });

/** The one payment of an order; written with the first event of the order, so always before the provider is called. */
export const payments = pgTable("payments", {
  id: text("id").primaryKey(),
  orderId: text("order_id").notNull(),
  version: integer("version").notNull(),
  status: text("status").$type<PaymentStatus>().notNull(),
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
  failureCode: text("failure_code").$type<FailureCode>(),
  refunded: minorUnits("refunded").notNull(),
  dispute: jsonb("dispute").$type<Dispute>(),
  cause: text("cause"),
  createdAt: instant("created_at").notNull().defaultNow(),
  updatedAt: instant("updated_at").notNull().defaultNow(),
});

/** Captures at the provider that no payment owns and that could not be adopted: staff must see to that money. */
export const parkedIntents = pgTable("parked_intents", {
  intentId: text("intent_id").primaryKey(),
  orderId: text("order_id").notNull(),
  amount: minorUnits("amount"),
  currency: text("currency"),
  reason: text("reason").$type<ParkReason>().notNull(),
  foundAt: instant("found_at").notNull().defaultNow(),
  triedAt: instant("tried_at").notNull().defaultNow(),
  resolvedAt: instant("resolved_at"),
});

/** Ids of the provider's events that were handled, or that are parked: those have a failure. */
export const providerEvents = pgTable("provider_events", {
  id: text("id").primaryKey(),
  receivedAt: instant("received_at").notNull().defaultNow(),
  failure: text("failure"),
  triedAt: instant("tried_at"),
});

/** One row: the mark of our intents at the provider, the reconciler's cursors, and when its next sweep is due. */
export const provider = pgTable("provider", {
  isOnly: boolean("is_only").primaryKey().default(true),
  shop: text("shop").notNull(),
  intentsUntil: minorUnits("intents_until").notNull(),
  eventsUntil: minorUnits("events_until").notNull(),
  dueAt: instant("due_at").notNull().defaultNow(),
});
