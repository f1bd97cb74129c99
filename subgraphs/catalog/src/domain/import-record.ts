import { userError, type UserError } from "./decision.ts";
import type { Category, Product, ProductContent } from "./product.ts";
import { cleanText, readContent, type ContentInput } from "./read-content.ts";
import { draftProduct, reviseProduct } from "./revise-product.ts";
import { isSlug, slugOf } from "./slug.ts";

/** A record of an import, as the graph hands it over. */
export type RecordInput = ContentInput & {
  externalId: string;
  slug?: string | null | undefined;
  categoryPath: readonly string[];
  publish?: boolean | null | undefined;
};

/** A validated record. */
export type ReadRecord = {
  externalId: string;
  /** Undefined where the record has none: `slugFor` makes one. */
  slug: string | undefined;
  categoryPath: string[];
  isToPublish: boolean;
  content: ProductContent;
  /** Equal for equal records; the product keeps it, so that the same record again changes nothing. */
  hash: string;
};

/** The result of a record. `isPublishing`: the product goes live by this import. */
export type Imported =
  | { outcome: "CREATED" | "UPDATED"; product: Product; isPublishing: boolean }
  | { outcome: "UNCHANGED"; product: Product }
  | { outcome: "REJECTED"; errors: UserError[] };

/** Validates one record of an import: the record, or all of its errors. `hashOf` digests what the author wrote. */
export function readRecord(
  input: RecordInput,
  shopCurrency: string,
  at: readonly string[],
  hashOf: (content: unknown) => string,
): ReadRecord | { errors: UserError[] } {
  const { content, errors } = readContent(input, shopCurrency, at);
  const refuse = (message: string, field: string) =>
    void errors.push(userError("INVALID_INPUT", message, [...at, field]));
  const externalId = cleanText(input.externalId);
  if (externalId === "" || externalId.length > 200) refuse("Give 1 to 200 characters.", "externalId");
  if (typeof input.slug === "string" && !isSlug(input.slug))
    refuse("A slug has lower-case letters and digits, joined by dashes.", "slug");
  const categoryPath = input.categoryPath.map(cleanText);
  if (
    categoryPath.length === 0 ||
    categoryPath.length > 8 ||
    categoryPath.some((it) => it === "" || it.length > 200)
  ) {
    refuse("Give 1 to 8 names of 1 to 200 characters.", "categoryPath");
  }
  if (errors.length > 0) return { errors };
  const slug = input.slug ?? undefined;
  const isToPublish = input.publish ?? true;
  const hash = hashOf({ content, slug, categoryPath, isToPublish });
  return { externalId, slug, categoryPath, isToPublish, content, hash };
}

/** The slug of a record's product: the record's, else the product's, else one made of title and external id. */
export function slugFor(record: ReadRecord, existing: Product | undefined): string {
  return record.slug ?? existing?.slug ?? slugOf(record.content.title, record.externalId);
}

/** Creates or revises the record's product. A record equal to the last one under its external id changes nothing. */
export function importRecord(
  record: ReadRecord,
  existing: Product | undefined,
  category: Category,
  now: Date,
  newId: (prefix: string) => string,
): Imported {
  if (existing?.importHash === record.hash) return { outcome: "UNCHANGED", product: existing };
  const revision = { content: record.content, categoryId: category.id, slug: slugFor(record, existing) };
  const { externalId, hash: importHash } = record;
  if (!existing) {
    const draft = { ...draftProduct(revision, now, newId), externalId, importHash };
    return {
      outcome: "CREATED",
      product: record.isToPublish ? live(draft, now) : draft,
      isPublishing: record.isToPublish,
    };
  }
  const decided = reviseProduct(existing, revision, now, newId);
  if (decided.outcome === "refused") return { outcome: "REJECTED", errors: decided.errors };
  const isPublishing = record.isToPublish && existing.status !== "PUBLISHED";
  const product = { ...decided.product, importHash };
  return { outcome: "UPDATED", product: isPublishing ? live(product, now) : product, isPublishing };
}

const live = (product: Product, now: Date): Product => ({
  ...product,
  status: "PUBLISHED",
  publishedAt: now,
});
