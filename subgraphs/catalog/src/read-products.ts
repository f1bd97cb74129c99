import type { ShopSql } from "@shop/service";
import { cachedReader } from "./cached-reader.ts";
import type { Product, Variant } from "./domain/product.ts";

/** A product as pages show it. */
export type ShownProduct = Product & { skusInStock: string[] };

/** A variant with the product that it is a form of. */
export type ShownVariant = { product: ShownProduct; variant: Variant };

/** Finds products, and variants with theirs, in batches; what it shows is at most half a second old. */
export type ProductReader = ReturnType<typeof readProducts>;

/** Another instance's writes are announced; should an announcement be lost, this is how long the old is shown. */
const keepMs = 500;

/** Opens the reader. One statement finds a product with its variants, prices and stock, by any of its names. */
export function readProducts(sql: ShopSql) {
  const byId = cachedReader<ShownProduct>(
    async (ids) => new Map((await find(sql, sql`p.id = any(${ids}::text[])`)).map((it) => [it.id, it])),
    { keepMs, most: 2_000 },
  );
  const bySlug = cachedReader<ShownProduct>(
    async (slugs) =>
      new Map((await find(sql, sql`p.slug = any(${slugs}::text[])`)).map((it) => [it.slug, it])),
    { keepMs, most: 500 },
  );
  const byVariantId = cachedReader<ShownVariant>(
    async (ids) => variantsBy("id", await find(sql, ofSkus(sql, sql`k.variant_id = any(${ids}::text[])`))),
    { keepMs, most: 500 },
  );
  const bySku = cachedReader<ShownVariant>(
    async (skus) => variantsBy("sku", await find(sql, ofSkus(sql, sql`k.sku = any(${skus}::text[])`))),
    { keepMs, most: 500 },
  );
  return {
    product: byId.load,
    productBySlug: bySlug.load,
    variant: byVariantId.load,
    variantBySku: bySku.load,
    /** Forgets all of some products. */
    evict(ids: readonly string[]) {
      const changed = new Set(ids);
      for (const reader of [byId, bySlug]) reader.evict((it) => changed.has(it.id));
      for (const reader of [byVariantId, bySku]) reader.evict((it) => changed.has(it.product.id));
    },
  };
}

type Fragment = ReturnType<ShopSql>;

const ofSkus = (sql: ShopSql, where: Fragment): Fragment =>
  sql`p.id in (select k.product_id from skus k where ${where})`;

function find(sql: ShopSql, where: Fragment): Promise<ShownProduct[]> {
  return sql<ShownProduct[]>`
    select p.id, p.version, p.status, p.slug, p.title, p.description, p.brand, p.category_id as "categoryId",
      p.attributes, p.image_urls as "imageUrls", p.variants, p.external_id as "externalId",
      p.import_hash as "importHash", p.rejection_reason as "rejectionReason", p.created_at as "createdAt",
      p.updated_at as "updatedAt", p.submitted_at as "submittedAt", p.published_at as "publishedAt",
      array(select s.sku from stock s where s.product_id = p.id and s.available > 0) as "skusInStock"
    from products p where ${where}`;
}

function variantsBy(key: "id" | "sku", products: readonly ShownProduct[]): Map<string, ShownVariant> {
  return new Map(
    products.flatMap((product) =>
      product.variants.map((variant) => [variant[key], { product, variant }] as const),
    ),
  );
}
