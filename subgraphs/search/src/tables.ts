import { bigint, boolean, doublePrecision, integer, jsonb, pgTable, text } from "drizzle-orm/pg-core";

/** The popularity of each product, and whether the index has it. */
export const popularity = pgTable("popularity", {
  productId: text("product_id").primaryKey(),
  score: doublePrecision("score").notNull(),
  isIndexed: boolean("is_indexed").notNull().default(false),
});

/** The last views and purchases of each customer. */
export const interactions = pgTable("interactions", {
  id: bigint("id", { mode: "number" }).generatedAlwaysAsIdentity().primaryKey(),
  customerId: text("customer_id").notNull(),
  productId: text("product_id").notNull(),
  weight: integer("weight").notNull(),
  query: text("query"),
});

/** How often each query was asked with success, and its last askers. */
export const popularQueries = pgTable("popular_queries", {
  text: text("text").primaryKey(),
  times: integer("times").notNull(),
  askers: jsonb("askers").$type<string[]>().notNull(),
});
