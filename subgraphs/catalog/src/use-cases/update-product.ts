import { newId } from "@shop/values";
import type { Deps } from "../deps.ts";
import { refuseStale } from "../domain/decision.ts";
import { reviseProduct } from "../domain/revise-product.ts";
import type { WriteResult } from "../store/store.ts";
import { readInput, type ProductInput } from "./read-input.ts";

/** Replaces all that an author writes of a product, unless it has changed since the version that they read. */
export async function updateProduct(
  deps: Deps,
  { id, input, version }: { id: string; input: ProductInput; version?: number | null | undefined },
): Promise<WriteResult> {
  const { content, errors, categoryId } = await readInput(deps, input);
  if (errors.length > 0) return { productId: null, errors };
  return deps.store.revise(id, content, (product, spelled) => {
    const revision = { content: spelled, categoryId, slug: input.slug ?? product.slug };
    return refuseStale(product, version) ?? reviseProduct(product, revision, new Date(), newId);
  });
}
