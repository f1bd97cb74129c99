import { changed, refused, type Decision } from "./decision.ts";
import type { Product, ProductStatus } from "./product.ts";

/** Submits a draft, or a product that was rejected before, for review. */
export function submitProduct(product: Product, now: Date): Decision {
  if (!is(product, "DRAFT", "REJECTED")) return wrongStatus(product, "submitted");
  return changed({ ...product, status: "IN_REVIEW", submittedAt: now, rejectionReason: null }, now);
}

/** Publishes a product in review. */
export function approveProduct(product: Product, now: Date): Decision {
  if (!is(product, "IN_REVIEW")) return wrongStatus(product, "approved");
  return changed({ ...product, status: "PUBLISHED", publishedAt: now }, now, { type: "ProductPublished" });
}

/** Sends a product in review back to its author. */
export function rejectProduct(product: Product, reason: string, now: Date): Decision {
  if (!is(product, "IN_REVIEW")) return wrongStatus(product, "rejected");
  const kept = reason.trim();
  if (kept === "" || kept.length > 2000) {
    return refused("INVALID_INPUT", "Give a reason of at most 2,000 characters.", ["reason"]);
  }
  return changed({ ...product, status: "REJECTED", rejectionReason: kept }, now);
}

/** Takes a product off sale for good. The event is published only if the product ever was: consumers know no other. */
export function archiveProduct(product: Product, now: Date): Decision {
  if (is(product, "ARCHIVED")) return wrongStatus(product, "archived");
  const event = product.publishedAt ? ({ type: "ProductArchived" } as const) : undefined;
  return changed({ ...product, status: "ARCHIVED" }, now, event);
}

const is = (product: Product, ...statuses: ProductStatus[]) => statuses.includes(product.status);

const wrongStatus = (product: Product, done: string) =>
  refused("CONFLICT", `A product that is ${product.status} can't be ${done}.`, ["id"]);
