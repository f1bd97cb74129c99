import { bigint, integer, jsonb, pgTable, primaryKey, text, timestamp } from "drizzle-orm/pg-core";
import type { Marks } from "./domain/import-marks.ts";
import type { Attribute, ProductStatus, Variant } from "./domain/product.ts";

const instant = (name: string) => timestamp(name, { withTimezone: true, mode: "date" });

/** The tree of categories; a category is never renamed or moved. */
export const categories = pgTable("categories", {
  id: text("id").primaryKey(),
  slug: text("slug").notNull(),
  name: text("name").notNull(),
  parentId: text("parent_id"),
  path: text("path").array().notNull(),
});

/** A product with its variants and their prices. */
export const products = pgTable("products", {
  id: text("id").primaryKey(),
  version: integer("version").notNull(),
  status: text("status").$type<ProductStatus>().notNull(),
  slug: text("slug").notNull(),
  title: text("title").notNull(),
  description: text("description").notNull(),
  brand: text("brand"),
  categoryId: text("category_id").notNull(),
  attributes: jsonb("attributes").$type<Attribute[]>().notNull(),
  imageUrls: jsonb("image_urls").$type<string[]>().notNull(),
  variants: jsonb("variants").$type<Variant[]>().notNull(),
  externalId: text("external_id"),
  importHash: text("import_hash"),
  rejectionReason: text("rejection_reason"),
  createdAt: instant("created_at").notNull(),
  updatedAt: instant("updated_at").notNull(),
  submittedAt: instant("submitted_at"),
  publishedAt: instant("published_at"),
});

/** The product of each SKU, which another one may take once it isn't sold any more. */
export const skus = pgTable("skus", {
  sku: text("sku").primaryKey(),
  key: text("key").notNull().default(""),
  variantId: text("variant_id").notNull(),
  productId: text("product_id").notNull(),
  turn: integer("turn").notNull().default(1),
});

/** Variants whose SKU another product has now. */
export const formerVariants = pgTable("former_variants", {
  variantId: text("variant_id").primaryKey(),
  productId: text("product_id").notNull(),
});

/** Slugs that a product has had. */
export const oldSlugs = pgTable("old_slugs", {
  slug: text("slug").primaryKey(),
  productId: text("product_id").notNull(),
});

/** How the shop spells brands and attributes. */
export const spellings = pgTable(
  "spellings",
  { kind: text("kind").notNull(), key: text("key").notNull(), text: text("text").notNull() },
  ({ kind, key }) => [primaryKey({ columns: [kind, key] })],
);

/** What each product's last import wrote. */
export const importMarks = pgTable("import_marks", {
  productId: text("product_id").primaryKey(),
  marks: jsonb("marks").$type<Marks>().notNull(),
});

/** Projection of inventory's StockChanged. */
export const stock = pgTable("stock", {
  sku: text("sku").primaryKey(),
  productId: text("product_id").notNull(),
  available: integer("available").notNull(),
  version: bigint("version", { mode: "number" }).notNull(),
});
