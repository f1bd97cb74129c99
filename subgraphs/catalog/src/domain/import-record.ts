import { inputHash, userError } from "@shop/service";
import type { ProductRecordInput } from "../generated/resolvers.ts";
import type { Refusal } from "./decision.ts";
import type { Category, Product, ProductContent } from "./product.ts";
import { cleanText, readContent } from "./read-content.ts";
import { draftProduct, reviseProduct } from "./revise-product.ts";
import { isSlug, slugOf } from "./slug.ts";

/** A record that was read and is in order so far. */
export type ReadRecord = {
  externalId: string;
  /** Undefined where the record leaves it to us. */
  slug: string | undefined;
  categoryPath: string[];
  isToPublish: boolean;
  content: ProductContent;
  hash: string;
};

/** What becomes of a record. `isNews` of a changed one: it goes live by this. */
export type Imported =
  | { outcome: "CREATED" | "UPDATED"; product: Product; isNews: boolean }
  | { outcome: "UNCHANGED"; product: Product }
  | { outcome: "REJECTED"; errors: Refusal[] };

/** Reads one record of an import; gives it, or everything that is wrong with it. */
export function readRecord(
  input: ProductRecordInput,
  shopCurrency: string,
  at: readonly string[],
): ReadRecord | { errors: Refusal[] } {
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
  const hash = inputHash({ content, slug, categoryPath, isToPublish });
  return { externalId, slug, categoryPath, isToPublish, content, hash };
}

/** The address of a record's product: its own, else the one that it has, else one of title and external id. */
export function slugFor(record: ReadRecord, existing: Product | undefined): string {
  return record.slug ?? existing?.slug ?? slugOf(record.content.title, record.externalId);
}

/** Makes or revises the product of a record. The same record again changes nothing. */
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
      isNews: record.isToPublish,
    };
  }
  const decided = reviseProduct(existing, revision, now, newId);
  if (decided.outcome === "refused") return { outcome: "REJECTED", errors: decided.errors };
  const isNews = record.isToPublish && existing.status !== "PUBLISHED";
  const product = { ...decided.product, importHash };
  return { outcome: "UPDATED", product: isNews ? live(product, now) : product, isNews };
}

const live = (product: Product, now: Date): Product => ({
  ...product,
  status: "PUBLISHED",
  publishedAt: now,
});
