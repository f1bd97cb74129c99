import type { Deps } from "../deps.ts";
import { userError, type UserError } from "../domain/decision.ts";
import type { ProductContent } from "../domain/product.ts";
import { readContent, type ContentInput } from "../domain/read-content.ts";
import { isSlug } from "../domain/slug.ts";

/** Input of `productCreate` and `productUpdate`. */
export type ProductInput = ContentInput & { slug?: string | null | undefined; categorySlug: string };

/** Validates the input and finds its category. */
export async function readInput(
  { categories, shopCurrency }: Deps,
  input: ProductInput,
): Promise<{ content: ProductContent; errors: UserError[]; categoryId: string }> {
  const { content, errors } = readContent(input, shopCurrency, ["input"]);
  const category = await categories.categoryBySlug(input.categorySlug);
  if (!category) errors.push(userError("NOT_FOUND", "There is no such category.", ["input", "categorySlug"]));
  if (typeof input.slug === "string" && !isSlug(input.slug)) {
    const message = "A slug has lower-case letters and digits, joined by dashes.";
    errors.push(userError("INVALID_INPUT", message, ["input", "slug"]));
  }
  return { content, errors, categoryId: category?.id ?? "" };
}
