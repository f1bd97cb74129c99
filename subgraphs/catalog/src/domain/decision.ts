import { userError, type UserError } from "@shop/service";
import type { Money } from "@shop/values";
import type { ErrorCode } from "../generated/resolvers.ts";
import type { Product } from "./product.ts";

/** An expected failure of a mutation. */
export type Refusal = UserError<ErrorCode>;

/** What the others are told of a change, if it concerns them. */
export type Told =
  | { type: "ProductPublished" | "ProductChanged" | "ProductArchived" }
  | { type: "PriceChanged"; sku: string; was: Money; now: Money };

/** What a rule decided about a product: its next state and what to tell, or why not. */
export type Decision =
  | { outcome: "changed"; product: Product; told: Told | undefined }
  | { outcome: "refused"; errors: Refusal[] };

/** The product's next state: its version and its time are moved on here. */
export function changed(product: Product, now: Date, told?: Told): Decision {
  return { outcome: "changed", product: { ...product, version: product.version + 1, updatedAt: now }, told };
}

/** Nothing changes, and the caller reads why. */
export function refused(code: ErrorCode, message: string, field?: readonly string[]): Decision {
  return { outcome: "refused", errors: [userError(code, message, field)] };
}
