import { changed, refused, type Decision } from "./decision.ts";
import { variantsForSale, type Product, type ProductStatus } from "./product.ts";
import { isSlug } from "./slug.ts";

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

/** Takes a product off sale. The event is published only if the product ever was: consumers know no other. */
export function archiveProduct(product: Product, now: Date): Decision {
  if (is(product, "ARCHIVED")) return wrongStatus(product, "archived");
  const event = product.publishedAt ? ({ type: "ProductArchived" } as const) : undefined;
  return changed({ ...product, status: "ARCHIVED" }, now, event);
}

/** Puts an archived product back where it came from: on sale if it ever was, else among the drafts. */
export function unarchiveProduct(product: Product, now: Date): Decision {
  if (!is(product, "ARCHIVED")) return wrongStatus(product, "un-archived");
  if (variantsForSale(product).length === 0) {
    return refused("CONFLICT", "Other products have all of its SKUs now: write a new product.", ["id"]);
  }
  if (!product.publishedAt) return changed({ ...product, status: "DRAFT" }, now);
  return changed({ ...product, status: "PUBLISHED" }, now, { type: "ProductPublished" });
}

/** Gives a product of any status another slug; the old one still finds it. */
export function renameProduct(product: Product, slug: string, now: Date): Decision {
  if (!isSlug(slug)) {
    return refused("INVALID_INPUT", "A slug has lower-case letters and digits, joined by dashes.", ["slug"]);
  }
  const event = product.status === "PUBLISHED" ? ({ type: "ProductChanged" } as const) : undefined;
  return changed({ ...product, slug }, now, event);
}

/** Why a product can't be deleted; undefined where it can: no customer has seen it. */
export function refuseDelete(product: Product): Decision | undefined {
  if (product.publishedAt === null) return undefined;
  return refused("CONFLICT", "A product that was ever on sale is kept for old orders: archive it.", ["id"]);
}

const is = (product: Product, ...statuses: ProductStatus[]) => statuses.includes(product.status);

const wrongStatus = (product: Product, done: string) =>
  refused("CONFLICT", `A product that is ${product.status} can't be ${done}.`, ["id"]);
