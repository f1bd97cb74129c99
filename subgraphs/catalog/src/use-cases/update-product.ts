import { newId } from "@shop/values";
import type { Deps } from "../deps.ts";
import { reviseProduct } from "../domain/revise-product.ts";
import type { WriteResult } from "../store.ts";
import { readInput, type ProductInput } from "./read-input.ts";

/** Replaces all that an author writes of a product. */
export async function updateProduct(deps: Deps, id: string, input: ProductInput): Promise<WriteResult> {
  const { content, errors, categoryId } = await readInput(deps, input);
  if (errors.length > 0) return { productId: null, errors };
  return deps.store.rename(id, (product) =>
    reviseProduct(product, { content, categoryId, slug: input.slug ?? product.slug }, new Date(), newId),
  );
}
