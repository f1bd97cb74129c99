import { badInput, codedError, hasRole, requireRole, type Context } from "@shop/service";
import type { Money } from "@shop/values";
import type { Catalog } from "./catalog.ts";
import { isPublic, priceIn, variantsForSale, type Product, type Variant } from "./domain/product.ts";
import type { Resolvers } from "./generated/resolvers.ts";
import { mutations } from "./mutations.ts";
import type { ShownProduct, ShownVariant } from "./read-products.ts";

/** Catalog's part of the graph. */
export function resolvers(catalog: Catalog): Resolvers {
  const { products, categories, pages, shopCurrency } = catalog;
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
      category: (_, { slug }) => categories.categoryBySlug(slug),
      categories: () => categories.children(null),
      productsInReview(_, page, context) {
        requireRole(context, "MODERATOR", "STAFF");
        return pages.inReview(page);
      },
    },
    Mutation: mutations(catalog),
    Product: {
      __resolveReference: async ({ id }, context) => seenBy(context, await products.product(id)),
      category: async ({ categoryId }) => present(await categories.category(categoryId)),
      images: ({ imageUrls, title }) =>
        imageUrls.map((url) => ({ url, alt: title, width: null, height: null })),
      variants: (product) => variantsForSale(product).map((variant) => ({ product, variant })),
      priceRange: (product, { currency }) => priceRange(product, currency ?? shopCurrency),
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
      price: ({ variant }, { currency }) => priceOf(variant, currency ?? shopCurrency),
      compareAtPrice({ variant }, { currency = shopCurrency }) {
        const price = variant.prices.find((it) => it.currency === currency);
        return price && price.compareAt !== null
          ? { amount: price.compareAt, currency: price.currency }
          : null;
      },
    },
    Category: {
      __resolveReference: ({ id }) => categories.category(id),
      parent: ({ parentId }) => (parentId ? categories.category(parentId) : null),
      ancestors: (category) => categories.ancestors(category),
      children: ({ id }) => categories.children(id),
      products: ({ id }, page) => pages.shelf(id, page),
    },
    ProductConnection: { totalCount: ({ totalCount }) => totalCount() },
  };
}

/** What was never published is its makers' to see. */
function seenBy({ identity }: Context, product: ShownProduct | undefined): ShownProduct | null {
  return product && (isPublic(product) || hasRole(identity, "STAFF", "MODERATOR")) ? product : null;
}

const variantSeenBy = (context: Context, found: ShownVariant | undefined) =>
  found && seenBy(context, found.product) ? found : null;

function priceOf(variant: Variant, currency: string): Money {
  const price = priceIn(variant, currency);
  if (!price) throw noPriceIn(currency);
  return price;
}

function priceRange(product: Product, currency: string): { min: Money; max: Money } {
  let range: { min: Money; max: Money } | undefined;
  for (const variant of variantsForSale(product)) {
    const price = priceIn(variant, currency);
    if (!price) continue;
    range ??= { min: price, max: price };
    if (price.amount < range.min.amount) range.min = price;
    if (price.amount > range.max.amount) range.max = price;
  }
  if (!range) throw noPriceIn(currency);
  return range;
}

const noPriceIn = (currency: string) =>
  codedError("CURRENCY_NOT_SUPPORTED", `There is no price in ${currency}.`, { field: ["currency"] });

function oneOf(value: string | null | undefined, ...names: string[]): string {
  if (!value) throw badInput(`Give ${names.join(" or ")}.`, names.slice(-1));
  return value;
}

function present<T>(value: T | undefined): T {
  if (value === undefined) throw new Error("a product's category is gone");
  return value;
}
