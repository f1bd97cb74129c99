import { badInput, hasRole, requireRole, userError, type Context } from "@shop/service";
import { maxPageSize, type Money } from "@shop/values";
import type { Deps } from "./deps.ts";
import { refuseStale, type Decision } from "./domain/decision.ts";
import {
  approveProduct,
  archiveProduct,
  refuseDelete,
  rejectProduct,
  renameProduct,
  submitProduct,
  unarchiveProduct,
} from "./domain/moderate-product.ts";
import { compareAtPriceIn, isPublic, priceIn, variantsForSale, type Product } from "./domain/product.ts";
import type { Resolvers } from "./generated/resolvers.ts";
import type { ProductView, VariantView } from "./loaders/products.ts";
import type { WriteResult } from "./store/store.ts";
import { createProduct } from "./use-cases/create-product.ts";
import { importProducts } from "./use-cases/import-products.ts";
import { setVariantPrice } from "./use-cases/set-variant-price.ts";
import { updateProduct } from "./use-cases/update-product.ts";

/** Catalog's part of the graph. */
export function resolvers(deps: Deps): Resolvers {
  const { products, categories, pages, shopCurrency } = deps;
  return {
    Query: {
      async product(_, { id, slug }, context) {
        const found = id ? products.product(id) : products.productBySlug(oneOf(slug, "id", "slug"));
        return seenBy(context, await found);
      },
      async variant(_, { id, sku }, context) {
        const found = id ? products.variant(id) : products.variantBySku(oneOf(sku, "id", "sku"));
        return variantSeenBy(context, await found);
      },
      products(_, { ids }, context) {
        const asked = askedFor(ids, "ids");
        return Promise.all(asked.map(async (id) => seenBy(context, await products.product(id))));
      },
      variants(_, { skus }, context) {
        const asked = askedFor(skus, "skus");
        return Promise.all(
          asked.map(async (sku) => variantSeenBy(context, await products.variantBySku(sku))),
        );
      },
      category: (_, { slug }) => categories.categoryBySlug(slug),
      categories: () => categories.children(null),
      productsInReview(_, page, context) {
        requireRole(context, "MODERATOR", "STAFF");
        return pages.inReview(page);
      },
    },
    Mutation: mutations(deps),
    Product: {
      __resolveReference: async ({ id }, context) => seenBy(context, await products.product(id)),
      category: async ({ categoryId }) => present(await categories.category(categoryId)),
      images: ({ imageUrls, title }) =>
        imageUrls.map((url) => ({ url, alt: title, width: null, height: null })),
      variants: (product) => variantsForSale(product).map((variant) => ({ product, variant })),
      priceRange: (product, { currency }) => rangeOf(product, priceIn, currency ?? shopCurrency),
      compareAtPriceRange: (product, { currency }) =>
        rangeOf(product, compareAtPriceIn, currency ?? shopCurrency),
      inStock: ({ status, skusInStock, variants }) =>
        status === "PUBLISHED" && variants.some((it) => !it.isRetired && skusInStock.includes(it.sku)),
      rating: () => ({ average: null, count: 0, histogram: [0, 0, 0, 0, 0] }),
    },
    ProductVariant: {
      async __resolveReference({ id, sku }, context) {
        const found = id ? products.variant(id) : products.variantBySku(oneOf(sku, "id", "sku"));
        return variantSeenBy(context, await found);
      },
      id: ({ variant }) => variant.id,
      sku: ({ variant }) => variant.sku,
      title: ({ variant }) => variant.title,
      attributes: ({ variant }) => variant.attributes,
      image: ({ product: { imageUrls, title } }) =>
        imageUrls[0] ? { url: imageUrls[0], alt: title, width: null, height: null } : null,
      price: ({ variant }, { currency }) => priceIn(variant, currency ?? shopCurrency) ?? null,
      compareAtPrice: ({ variant }, { currency }) =>
        compareAtPriceIn(variant, currency ?? shopCurrency) ?? null,
    },
    Category: {
      __resolveReference: ({ id }) => categories.category(id),
      parent: ({ parentId }) => (parentId ? categories.category(parentId) : null),
      ancestors: (category) => categories.ancestors(category),
      children: ({ id }) => categories.children(id),
      products: ({ id }, page) => pages.inCategory(id, page),
    },
    ProductConnection: { totalCount: ({ totalCount }) => totalCount() },
  };
}

/** Records that one import may bring. */
const maxRecords = 500;

/** The mutations: for staff; approval and rejection for moderators as well. */
function mutations(deps: Deps): Resolvers["Mutation"] {
  const { pg, store, products, shopCurrency, evict } = deps;

  const payload = async ({ productId, errors }: WriteResult) => ({
    product: productId ? ((await products.product(productId)) ?? null) : null,
    userErrors: errors,
  });
  type Edit = { id: string; version?: number | null | undefined };
  /** The rule, unless the product has changed since the version that the caller has read. */
  const fresh =
    ({ version }: Edit, decide: (product: Product, now: Date) => Decision) =>
    (product: Product) =>
      refuseStale(product, version) ?? decide(product, new Date());
  const change = async (edit: Edit, decide: (product: Product, now: Date) => Decision) =>
    payload(await store.change(edit.id, fresh(edit, decide)));

  return {
    async productCreate(_, { input }, context) {
      requireRole(context, "STAFF");
      return payload(await createProduct(deps, input));
    },
    async productUpdate(_, edit, context) {
      requireRole(context, "STAFF");
      return payload(await updateProduct(deps, edit));
    },
    productSubmit(_, edit, context) {
      requireRole(context, "STAFF");
      return change(edit, submitProduct);
    },
    productApprove(_, edit, context) {
      requireRole(context, "MODERATOR", "STAFF");
      return change(edit, approveProduct);
    },
    productReject(_, { reason, ...edit }, context) {
      requireRole(context, "MODERATOR", "STAFF");
      return change(edit, (product, now) => rejectProduct(product, reason, now));
    },
    productArchive(_, edit, context) {
      requireRole(context, "STAFF");
      return change(edit, archiveProduct);
    },
    async productUnarchive(_, edit, context) {
      requireRole(context, "STAFF");
      // Under the lock of names: another product may be taking its SKUs.
      return payload(await store.rename(edit.id, fresh(edit, unarchiveProduct)));
    },
    async productRename(_, { slug, ...edit }, context) {
      requireRole(context, "STAFF");
      const decide = fresh(edit, (product, now) => renameProduct(product, slug, now));
      return payload(await store.rename(edit.id, decide));
    },
    async productDelete(_, edit, context) {
      requireRole(context, "STAFF");
      const refuse = (product: Product) => refuseStale(product, edit.version) ?? refuseDelete(product);
      const { errors } = await store.remove(edit.id, refuse);
      return { deletedId: errors.length === 0 ? edit.id : null, userErrors: errors };
    },
    async variantPriceSet(_, input, context) {
      const errors = await setVariantPrice(deps, input, requireRole(context, "STAFF").userId);
      const isShown = errors.every(({ code }) => code === "STALE_VERSION");
      const variant = isShown ? await products.variantBySku(input.sku) : undefined;
      return { variant: variant ?? null, userErrors: errors };
    },
    async productsImport(_, { input }, context) {
      requireRole(context, "STAFF");
      if (input.records.length > maxRecords) {
        const message = `At most ${maxRecords} records at once.`;
        return { results: [], userErrors: [userError("INVALID_INPUT", message, ["input", "records"])] };
      }
      const { results, changedIds } = await importProducts(pg, input.records, shopCurrency);
      evict(changedIds);
      return { results, userErrors: [] };
    },
  };
}

/** A product that was never published is visible to staff and moderators only. */
function seenBy({ identity }: Context, product: ProductView | undefined): ProductView | null {
  return product && (isPublic(product) || hasRole(identity, "STAFF", "MODERATOR")) ? product : null;
}

const variantSeenBy = (context: Context, found: VariantView | undefined) =>
  found && seenBy(context, found.product) ? found : null;

function rangeOf(
  product: Product,
  priceOf: typeof priceIn,
  currency: string,
): { min: Money; max: Money } | null {
  let range: { min: Money; max: Money } | null = null;
  for (const variant of variantsForSale(product)) {
    const price = priceOf(variant, currency);
    if (!price) continue;
    range ??= { min: price, max: price };
    if (price.amount < range.min.amount) range.min = price;
    if (price.amount > range.max.amount) range.max = price;
  }
  return range;
}

function oneOf(value: string | null | undefined, ...names: string[]): string {
  if (!value) throw badInput(`Give ${names.join(" or ")}.`, names.slice(-1));
  return value;
}

/** As many as a page has; the loader reads them in one statement. */
function askedFor(keys: readonly string[], name: string): readonly string[] {
  if (keys.length >= 1 && keys.length <= maxPageSize) return keys;
  throw badInput(`"${name}" must have 1 to ${maxPageSize} entries, got ${keys.length}`, [name]);
}

function present<T>(value: T | undefined): T {
  if (value === undefined) throw new Error("a product's category is gone");
  return value;
}
