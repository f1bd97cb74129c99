import { idempotent, keyReused, type UserError } from "@shop/service";
import { checkIdempotencyKey, newId, skuKey } from "@shop/values";
import type { Deps } from "../deps.ts";
import { refuseStale, userError } from "../domain/decision.ts";
import { readPrice } from "../domain/read-content.ts";
import { setPrice } from "../domain/set-price.ts";
import type { ErrorCode, MutationVariantPriceSetArgs } from "../generated/resolvers.ts";
import { change } from "../store/store.ts";

/** Sets a variant's price in one currency, once for each idempotency key; returns the errors, none when it is set. */
export async function setVariantPrice(
  { pg, evict }: Deps,
  args: MutationVariantPriceSetArgs,
  caller: string,
): Promise<UserError<ErrorCode>[]> {
  const { sku, price: input, compareAtPrice, version, idempotencyKey } = args;
  const { price, errors } = readPrice(input, compareAtPrice, [], ["price", "compareAtPrice"]);
  errors.push(...checkIdempotencyKey(idempotencyKey));
  if (!price || errors.length > 0) return errors;
  let changedId: string | undefined;
  const claim = {
    caller,
    operation: "variantPriceSet",
    key: idempotencyKey ?? newId("key"),
    input: { sku, price, ...(typeof version === "number" ? { version } : {}) },
  };
  const answered = await idempotent<UserError<ErrorCode>[]>(pg, claim, async (tx) => {
    const [owner] = await tx.sql<{ id: string }[]>`
      select product_id as id from skus where key = ${skuKey(sku.toWellFormed())}`;
    if (!owner) return { keep: false, answer: [userError("NOT_FOUND", "There is no such SKU.", ["sku"])] };
    const decision = await change(tx, owner.id, (product) => {
      return refuseStale(product, version) ?? setPrice(product, sku, price, new Date());
    });
    if (decision.outcome === "refused") return { keep: false, answer: decision.errors };
    changedId = owner.id;
    return { keep: true, answer: [] };
  });
  if (changedId) evict([changedId]);
  return answered.reused ? [keyReused] : answered.answer;
}
