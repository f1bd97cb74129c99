import type { Role } from "@shop/service";
import { bigint, integer, jsonb, pgTable, text, timestamp } from "drizzle-orm/pg-core";
import type { Address } from "./domain/address-book.ts";
import type { Tier } from "./domain/check-tier-change.ts";

const instant = (name: string) => timestamp(name, { withTimezone: true, mode: "date" });

export const users = pgTable("users", {
  id: text().primaryKey(),
  email: text().notNull().unique(),
  name: text().notNull(),
  passwordHash: text("password_hash").notNull(),
  roles: text().array().$type<Role[]>().notNull(),
  addresses: jsonb().$type<readonly Address[]>().notNull().default([]),
  createdAt: instant("created_at").notNull().defaultNow(),
  tier: text().$type<Tier>().notNull().default("STANDARD"),
  version: integer().notNull().default(1),
});

/** The words by which staff find a customer. */
export const userSearch = pgTable("user_search", {
  userId: text("user_id").primaryKey(),
  words: text().notNull(),
});

/** Who changed whose tier, when and why. */
export const tierChanges = pgTable("tier_changes", {
  id: bigint({ mode: "number" }).primaryKey().generatedAlwaysAsIdentity(),
  userId: text("user_id").notNull(),
  tier: text().$type<Tier>().notNull(),
  reason: text().notNull(),
  changedBy: text("changed_by").notNull(),
  changedAt: instant("changed_at").notNull().defaultNow(),
});

export const sessions = pgTable("sessions", {
  id: text().primaryKey(),
  userId: text("user_id").notNull(),
  createdAt: instant("created_at").notNull().defaultNow(),
  expiresAt: instant("expires_at").notNull(),
});

export const refreshTokens = pgTable("refresh_tokens", {
  hash: text().primaryKey(),
  sessionId: text("session_id").notNull(),
  usedAt: instant("used_at"),
});

export const endedSessions = pgTable("ended_sessions", {
  sid: text().primaryKey(),
  endedAt: instant("ended_at").notNull(),
});

export const passwordAttempts = pgTable("password_attempts", {
  userId: text("user_id").primaryKey(),
  fullAt: instant("full_at").notNull(),
});
