import { newId } from "@shop/values";
import type { Deps } from "../deps.ts";
import { draftProduct } from "../domain/revise-product.ts";
import { slugOf } from "../domain/slug.ts";
import type { WriteResult } from "../store/store.ts";
import { readInput, type ProductInput } from "./read-input.ts";

/** Creates a draft. Without a slug of its own it gets one of its title, with a random end where that is or was another's. */
export async function createProduct(deps: Deps, input: ProductInput): Promise<WriteResult> {
  const { content, errors, categoryId } = await readInput(deps, input);
  if (errors.length > 0) return { productId: null, errors };
  const plain = slugOf(content.title);
  const isFree = !(await deps.products.productBySlug(plain));
  const slug = input.slug ?? (isFree ? plain : slugOf(content.title, newId("").slice(-6)));
  return deps.store.create(content, (spelled) =>
    draftProduct({ content: spelled, categoryId, slug }, new Date(), newId),
  );
}
