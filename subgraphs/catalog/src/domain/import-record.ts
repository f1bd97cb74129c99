import { userError, type UserError } from "./decision.ts";
import { compareWithRecord, fieldsOf, marksOf, type Marks, type Overwritten } from "./import-marks.ts";
import { variantsForSale, type Category, type Product, type ProductContent } from "./product.ts";
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
  /** Equal for equal records; the product keeps it. */
  hash: string;
};

/** The result of a record. `isPublishing`: the product goes live by this import. `marks` are kept with the product. */
export type Imported =
  | {
      outcome: "CREATED" | "UPDATED";
      product: Product;
      isPublishing: boolean;
      marks: Marks;
      overwritten: Overwritten[];
    }
  | { outcome: "UNCHANGED"; product: Product; marks: Marks }
  | { outcome: "REJECTED"; errors: UserError[] };

/** What an import is decided with, besides the record. */
export type ImportContext = {
  /** The product of the record's external id, and the marks of its last import. */
  existing: Product | undefined;
  marks: Marks | undefined;
  category: Category;
  now: Date;
  newId: (prefix: string) => string;
  hashOf: (value: unknown) => string;
};

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

/**
 * Creates or revises the record's product. The record wins over what was changed by hand since its last import, and the answer
 * lists what that was; a product that is as the record says stays as it is.
 */
export function importRecord(record: ReadRecord, context: ImportContext): Imported {
  const { existing, category, now, newId, hashOf } = context;
  const revision = { content: record.content, categoryId: category.id, slug: slugFor(record, existing) };
  const { externalId, hash: importHash } = record;
  const slug = record.slug ?? null;
  const wanted = fieldsOf({ content: record.content, category: category.id, slug });
  const marks = marksOf(wanted, hashOf);
  if (!existing) {
    const draft = { ...draftProduct(revision, now, newId), externalId, importHash };
    const product = record.isToPublish ? live(draft, now) : draft;
    return { outcome: "CREATED", product, isPublishing: record.isToPublish, marks, overwritten: [] };
  }
  const content = { ...existing, variants: variantsForSale(existing) };
  const present = fieldsOf({ content, category: existing.categoryId, slug: slug && existing.slug });
  const last = { marks: context.marks, isSameRecord: existing.importHash === importHash };
  const { differs, overwritten } = compareWithRecord(present, wanted, last, hashOf);
  const isPublishing =
    record.isToPublish && existing.status !== "PUBLISHED" && existing.status !== "ARCHIVED";
  if (!differs && !isPublishing) return { outcome: "UNCHANGED", product: existing, marks };
  const decided = reviseProduct(existing, revision, now, newId);
  if (decided.outcome === "refused") return { outcome: "REJECTED", errors: decided.errors };
  const revised = { ...decided.product, importHash };
  const product = isPublishing ? live(revised, now) : revised;
  return { outcome: "UPDATED", product, isPublishing, marks, overwritten };
}

const live = (product: Product, now: Date): Product => ({
  ...product,
  status: "PUBLISHED",
  publishedAt: product.publishedAt ?? now,
});
