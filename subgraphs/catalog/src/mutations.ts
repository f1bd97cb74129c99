import { idempotent, IdempotencyKeyReused, requireRole, userError } from "@shop/service";
import { isText, newId } from "@shop/values";
import type { Catalog } from "./catalog.ts";
import type { Decision, Refusal } from "./domain/decision.ts";
import { approveProduct, archiveProduct, rejectProduct, submitProduct } from "./domain/moderate-product.ts";
import type { Product } from "./domain/product.ts";
import { readContent, readPrice } from "./domain/read-content.ts";
import { draftProduct, reviseProduct } from "./domain/revise-product.ts";
import { setPrice } from "./domain/set-price.ts";
import { isSlug, slugOf } from "./domain/slug.ts";
import type { Resolvers, MutationVariantPriceSetArgs, ProductInput } from "./generated/resolvers.ts";
import { importProducts } from "./import-products.ts";
import { changeIn, type Written } from "./store.ts";

/** Records that one import may bring. */
const mostRecords = 500;

/** Characters of an idempotency key: it is part of an index, which takes no long entries. */
const longestKey = 200;

/** Catalog's mutations: for staff, and for moderators where a product is judged. */
export function mutations(catalog: Catalog): Resolvers["Mutation"] {
  const { pg, store, products, categories, shopCurrency, evict } = catalog;

  const shown = async ({ productId, errors }: Written) => ({
    product: productId ? ((await products.product(productId)) ?? null) : null,
    userErrors: errors,
  });
  const change = async (id: string, decide: (product: Product, now: Date) => Decision) =>
    shown(await store.change(id, (product) => decide(product, new Date())));

  async function read(input: ProductInput) {
    const { content, errors } = readContent(input, shopCurrency, ["input"]);
    const category = await categories.categoryBySlug(input.categorySlug);
    if (!category)
      errors.push(userError("NOT_FOUND", "There is no such category.", ["input", "categorySlug"]));
    if (typeof input.slug === "string" && !isSlug(input.slug)) {
      const message = "A slug has lower-case letters and digits, joined by dashes.";
      errors.push(userError("INVALID_INPUT", message, ["input", "slug"]));
    }
    return { content, errors, categoryId: category?.id ?? "" };
  }

  return {
    async productCreate(_, { input }, context) {
      requireRole(context, "STAFF");
      const { content, errors, categoryId } = await read(input);
      if (errors.length > 0) return { product: null, userErrors: errors };
      const plain = slugOf(content.title);
      const isFree = !(await products.productBySlug(plain));
      const slug = input.slug ?? (isFree ? plain : slugOf(content.title, newId("").slice(-6)));
      return shown(await store.create(draftProduct({ content, categoryId, slug }, new Date(), newId)));
    },
    async productUpdate(_, { id, input }, context) {
      requireRole(context, "STAFF");
      const { content, errors, categoryId } = await read(input);
      if (errors.length > 0) return { product: null, userErrors: errors };
      const written = await store.rename(id, (product) =>
        reviseProduct(product, { content, categoryId, slug: input.slug ?? product.slug }, new Date(), newId),
      );
      return shown(written);
    },
    productSubmit(_, { id }, context) {
      requireRole(context, "STAFF");
      return change(id, submitProduct);
    },
    productApprove(_, { id }, context) {
      requireRole(context, "MODERATOR", "STAFF");
      return change(id, approveProduct);
    },
    productReject(_, { id, reason }, context) {
      requireRole(context, "MODERATOR", "STAFF");
      return change(id, (product, now) => rejectProduct(product, reason, now));
    },
    productArchive(_, { id }, context) {
      requireRole(context, "STAFF");
      return change(id, archiveProduct);
    },
    async variantPriceSet(_, input, context) {
      const errors = await priceSet(input, requireRole(context, "STAFF").userId);
      const variant = errors.length === 0 ? await products.variantBySku(input.sku) : undefined;
      return { variant: variant ?? null, userErrors: errors };
    },
    async productsImport(_, { input }, context) {
      requireRole(context, "STAFF");
      if (input.records.length > mostRecords) {
        const message = `At most ${mostRecords} records at once.`;
        return { results: [], userErrors: [userError("INVALID_INPUT", message, ["input", "records"])] };
      }
      const { results, written } = await importProducts(pg, input.records, shopCurrency);
      evict(written);
      return { results, userErrors: [] };
    },
  };

  async function priceSet(args: MutationVariantPriceSetArgs, caller: string): Promise<Refusal[]> {
    const { sku, price: input, compareAtPrice, idempotencyKey } = args;
    const { price, errors } = readPrice(input, compareAtPrice, [], ["price", "compareAtPrice"]);
    if (typeof idempotencyKey === "string" && !isKey(idempotencyKey)) {
      const message = `Give a key of 1 to ${longestKey} characters.`;
      errors.push(userError("INVALID_INPUT", message, ["idempotencyKey"]));
    }
    if (!price || errors.length > 0) return errors;
    let changedId: string | undefined;
    const claim = {
      caller,
      operation: "variantPriceSet",
      key: idempotencyKey ?? newId("key"),
      input: { sku, price },
    };
    try {
      const { answer } = await idempotent<Refusal[]>(pg, claim, async (tx) => {
        const [owner] = await tx.sql<{ id: string }[]>`select product_id as id from skus where sku = ${sku}`;
        if (!owner)
          return { keep: false, answer: [userError("NOT_FOUND", "There is no such SKU.", ["sku"])] };
        const decision = await changeIn(tx, owner.id, (product) => setPrice(product, sku, price, new Date()));
        if (decision.outcome === "refused") return { keep: false, answer: decision.errors };
        changedId = owner.id;
        return { keep: true, answer: [] };
      });
      if (changedId) evict([changedId]);
      return answer;
    } catch (error) {
      if (error instanceof IdempotencyKeyReused) return [error.userError];
      throw error;
    }
  }
}

const isKey = (key: string) => key !== "" && key.length <= longestKey && isText(key);
