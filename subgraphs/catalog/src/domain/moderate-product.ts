import { changed, refused, type Decision } from "./decision.ts";
import type { Product, ProductStatus } from "./product.ts";

/** A draft, or a product that was sent back, goes to the moderators. */
export function submitProduct(product: Product, now: Date): Decision {
  if (!is(product, "DRAFT", "REJECTED")) return notFrom(product, "submitted");
  return changed({ ...product, status: "IN_REVIEW", submittedAt: now, rejectionReason: null }, now);
}

/** A submitted product goes live. */
export function approveProduct(product: Product, now: Date): Decision {
  if (!is(product, "IN_REVIEW")) return notFrom(product, "approved");
  return changed({ ...product, status: "PUBLISHED", publishedAt: now }, now, { type: "ProductPublished" });
}

/** A submitted product goes back to its author. */
export function rejectProduct(product: Product, reason: string, now: Date): Decision {
  if (!is(product, "IN_REVIEW")) return notFrom(product, "rejected");
  const kept = reason.trim();
  if (kept === "" || kept.length > 2000) {
    return refused("INVALID_INPUT", "Give a reason of at most 2,000 characters.", ["reason"]);
  }
  return changed({ ...product, status: "REJECTED", rejectionReason: kept }, now);
}

/** A product is taken off sale for good; the others hear of it only if they ever knew it. */
export function archiveProduct(product: Product, now: Date): Decision {
  if (is(product, "ARCHIVED")) return notFrom(product, "archived");
  const told = product.publishedAt ? ({ type: "ProductArchived" } as const) : undefined;
  return changed({ ...product, status: "ARCHIVED" }, now, told);
}

const is = (product: Product, ...statuses: ProductStatus[]) => statuses.includes(product.status);

const notFrom = (product: Product, done: string) =>
  refused("CONFLICT", `A product that is ${product.status} can't be ${done}.`, ["id"]);
