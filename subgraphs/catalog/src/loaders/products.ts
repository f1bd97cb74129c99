import type { ShopSql } from "@shop/service";
import { skuKey } from "@shop/values";
import { cachedLoader } from "./cached-loader.ts";
import type { Product, Variant } from "../domain/product.ts";

/** A product as the graph shows it: with the SKUs that are in stock, and the slugs asked for that it had once. */
export type ProductView = Product & { skusInStock: string[]; oldSlugs: string[] | null };

/** A variant with its product. */
export type VariantView = { product: ProductView; variant: Variant };

/** Loads products, and variants with their products, in batches; a result is at most half a second old. */
export type ProductLoader = ReturnType<typeof productLoader>;

/** The writes of other instances are broadcast; if a broadcast is lost, an old product is shown for this long. */
const ttl = 500;

/** Opens the loader. One statement reads a product with its variants, prices and stock, by id, slug, variant or SKU. */
export function productLoader(sql: ShopSql) {
  const byId = cachedLoader<ProductView>(
    async (ids) => new Map((await find(sql, sql`p.id = any(${ids}::text[])`)).map((it) => [it.id, it])),
    { ttl, maxSize: 16 * 2 ** 20, sizeCalculation: bytesOf },
  );
  const bySlug = cachedLoader<ProductView>(async (slugs) => bySlugs(await findBySlugs(sql, slugs)), {
    ttl,
    maxSize: 4 * 2 ** 20,
    sizeCalculation: bytesOf,
  });
  const byVariantId = cachedLoader<VariantView>(
    async (ids) => variantsBy("id", await find(sql, ofVariants(sql, ids))),
    { ttl, maxSize: 4 * 2 ** 20, sizeCalculation: bytesOfVariant },
  );
  const bySku = cachedLoader<VariantView>(
    async (keys) => variantsBy("sku", await find(sql, ofSkus(sql, sql`k.key = any(${keys}::text[])`))),
    { ttl, maxSize: 4 * 2 ** 20, sizeCalculation: bytesOfVariant },
  );
  return {
    product: byId.load,
    productBySlug: bySlug.load,
    variant: byVariantId.load,
    /** By any spelling that looks like the SKU. */
    variantBySku: (sku: string) => bySku.load(skuKey(sku.toWellFormed())),
    /** Evicts products, and their variants. */
    evict(ids: readonly string[]) {
      const changed = new Set(ids);
      for (const reader of [byId, bySlug]) reader.evict((it) => changed.has(it.id));
      for (const reader of [byVariantId, bySku]) reader.evict((it) => changed.has(it.product.id));
    },
  };
}

/** An estimate of what a product retains: a description or a list of variants may be a thousand times as long as another. */
function bytesOf({ title, description, attributes, imageUrls, variants }: ProductView): number {
  const texts = 2 * (title.length + description.length);
  return 1_000 + texts + 200 * (attributes.length + imageUrls.length) + 600 * variants.length;
}

const bytesOfVariant = ({ product }: VariantView): number => bytesOf(product);

type Fragment = ReturnType<ShopSql>;

const ofSkus = (sql: ShopSql, where: Fragment): Fragment =>
  sql`p.id in (select k.product_id from skus k where ${where})`;

/** Also variants whose SKU another product has by now. */
const ofVariants = (sql: ShopSql, ids: readonly string[]): Fragment => sql`p.id in (
  select k.product_id from skus k where k.variant_id = any(${ids}::text[])
  union all select f.product_id from former_variants f where f.variant_id = any(${ids}::text[]))`;

function findBySlugs(sql: ShopSql, slugs: readonly string[]): Promise<ProductView[]> {
  const old: Fragment = sql`array(select o.slug from old_slugs o where o.product_id = p.id and o.slug = any(${slugs}::text[]))`;
  const has: Fragment = sql`p.slug = any(${slugs}::text[])
    or p.id in (select o.product_id from old_slugs o where o.slug = any(${slugs}::text[]))`;
  return find(sql, has, old);
}

function find(sql: ShopSql, where: Fragment, oldSlugs?: Fragment): Promise<ProductView[]> {
  return sql<ProductView[]>`
    select p.id, p.version, p.status, p.slug, p.title, p.description, p.brand, p.category_id as "categoryId",
      p.attributes, p.image_urls as "imageUrls", p.variants, p.external_id as "externalId",
      p.import_hash as "importHash", p.rejection_reason as "rejectionReason", p.created_at as "createdAt",
      p.updated_at as "updatedAt", p.submitted_at as "submittedAt", p.published_at as "publishedAt",
      array(
        select s.sku from skus k join stock s on s.sku = k.sku
        where k.product_id = p.id and s.available > 0) as "skusInStock", ${oldSlugs ?? sql`null`} as "oldSlugs"
    from products p where ${where}`;
}

/** By the slug of today, and by those that it had once. */
function bySlugs(products: readonly ProductView[]): Map<string, ProductView> {
  const old = products.flatMap((it) => (it.oldSlugs ?? []).map((slug) => [slug, it] as const));
  return new Map([...old, ...products.map((it) => [it.slug, it] as const)]);
}

function variantsBy(key: "id" | "sku", products: readonly ProductView[]): Map<string, VariantView> {
  const keyOf = (variant: Variant) => (key === "id" ? variant.id : skuKey(variant.sku));
  return new Map(
    products.flatMap((product) =>
      product.variants
        .filter((it) => key === "id" || it.isGivenAway !== true)
        .map((variant) => [keyOf(variant), { product, variant }] as const),
    ),
  );
}
