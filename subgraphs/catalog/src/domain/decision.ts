import type { ProductEvent } from "./events.ts";
import type { Product } from "./product.ts";

/** The codes of this domain's user errors. */
type ErrorCode = "INVALID_INPUT" | "NOT_FOUND" | "CONFLICT" | "STALE_VERSION" | "CURRENCY_NOT_SUPPORTED";

/** An expected failure of a mutation, an entry of `userErrors`; of the kit's shape, which the domain doesn't import. */
export type UserError = { code: ErrorCode; message: string; field: string[] | null };

/** A rule's decision about a product: its next state and the event that it causes, or the errors that the caller reads. */
export type Decision =
  | { outcome: "changed"; product: Product; event: ProductEvent | undefined }
  | { outcome: "refused"; errors: UserError[] };

/** The product's next state, with its version and `updatedAt` moved on. */
export function changed(product: Product, now: Date, event?: ProductEvent): Decision {
  return { outcome: "changed", product: { ...product, version: product.version + 1, updatedAt: now }, event };
}

/** Nothing changes; the caller gets the error. */
export function refused(code: ErrorCode, message: string, field?: readonly string[]): Decision {
  return { outcome: "refused", errors: [userError(code, message, field)] };
}

/** Makes an entry of `userErrors`. */
export function userError(code: ErrorCode, message: string, field?: readonly string[]): UserError {
  return { code, message, field: field ? [...field] : null };
}

/** The refusal of an edit of an older version than the product's; undefined if it may go on, or names none. */
export function refuseStale(product: Product, version: number | null | undefined): Decision | undefined {
  if (version === null || version === undefined || version === product.version) return undefined;
  const message = `The product has changed since: it is at version ${product.version}. Read it again, then edit that.`;
  return refused("STALE_VERSION", message, ["version"]);
}
