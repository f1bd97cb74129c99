import type { EventData, ProductSnapshot, StockState } from "@shop/events";
import type { Postgres, Tx } from "@shop/service";
import type { Money } from "@shop/values";
import type { Variant } from "../domain/cart.ts";
import { projection, type variants } from "../tables.ts";

/** A variant, and the revision of the batch that wrote it last. */
export type VariantRow = Variant & Pick<typeof variants.$inferSelect, "revision">;

/** A flash sale as its owner has published it. */
export type SaleState = EventData<"FlashSaleChanged"> & { version: number };

/** Writes products into the projection, except versions older than the stored one. One statement per table. */
export async function applyProducts(tx: Tx, products: readonly ProductSnapshot[]): Promise<void> {
  const newest = newestBy(products, (product) => product.productId);
  if (newest.length === 0) return;
  const revision = await nextRevision(tx);
  const versions = newest.map(({ productId, version }) => ({ productId, version }));
  const accepted = await tx.sql<{ product_id: string }[]>`
    insert into products (product_id, version)
    select "productId", version
    from jsonb_to_recordset(${tx.sql.json(versions)}) as it("productId" text, version integer)
    on conflict (product_id) do update set version = excluded.version where products.version < excluded.version
    returning product_id`;
  const isAccepted = new Set(accepted.map((row) => row.product_id));
  const inTurn = newest
    .filter((product) => isAccepted.has(product.productId))
    .flatMap(rowsOf)
    .toSorted((one, other) => one.skuTurn - other.skuTurn);
  // A SKU may have gone from one product to another between two events of the batch.
  const rows = [...new Map(inTurn.map((row) => [row.sku, row])).values()];
  if (rows.length === 0) return;
  await tx.sql`
    update variants set is_for_sale = false, revision = ${revision}
    where product_id = any(${[...isAccepted]}) and sku <> all(${rows.map((row) => row.sku)}) and is_for_sale`;
  await tx.sql`
    insert into variants
      (sku, variant_id, product_id, title, image_url, prices, weight_grams, is_for_sale, sku_turn, revision)
    select it.*, ${revision} from jsonb_to_recordset(${tx.sql.json(rows)}) as it(
      sku text, "variantId" text, "productId" text, title text, "imageUrl" text, prices jsonb,
      "weightGrams" integer, "isForSale" boolean, "skuTurn" integer)
    on conflict (sku) do update set
      variant_id = excluded.variant_id, product_id = excluded.product_id, title = excluded.title,
      image_url = excluded.image_url, prices = excluded.prices, weight_grams = excluded.weight_grams,
      is_for_sale = excluded.is_for_sale, sku_turn = excluded.sku_turn, revision = excluded.revision
    where variants.sku_turn <= excluded.sku_turn`;
}

/** Writes stock into the projection; it may arrive before its product. */
export async function applyStock(tx: Tx, stock: readonly StockState[]): Promise<void> {
  const newest = newestBy(stock, (state) => state.sku);
  if (newest.length === 0) return;
  const revision = await nextRevision(tx);
  await tx.sql`
    insert into variants (sku, variant_id, product_id, available, stock_version, revision)
    select it.*, ${revision} from jsonb_to_recordset(${tx.sql.json(newest)}) as it(
      sku text, "variantId" text, "productId" text, available integer, version integer)
    on conflict (sku) do update set
      available = excluded.available, stock_version = excluded.stock_version, revision = excluded.revision
    where variants.stock_version < excluded.stock_version`;
}

/** Writes flash sales into the projection; the newest version of each counts, and a sale may arrive before its product. */
export async function applySales(tx: Tx, sales: readonly SaleState[]): Promise<void> {
  if (sales.length === 0) return;
  const revision = await nextRevision(tx);
  // One by one, because staff plan few, and one variant may have several.
  for (const { saleId, sku, variantId, productId, startsAt, endsAt, outsideSale, version } of sales) {
    const sale = tx.sql.json({ [saleId]: { startsAt, endsAt, outsideSale, version } });
    await tx.sql`
      insert into variants (sku, variant_id, product_id, sales, revision)
      values (${sku}, ${variantId}, ${productId}, ${sale}, ${revision})
      on conflict (sku) do update set sales = variants.sales || excluded.sales, revision = excluded.revision
      where coalesce((variants.sales -> ${saleId} ->> 'version')::int, 0) < ${version}`;
  }
}

/** Variants by SKU, except those of which catalog has published no event yet. */
export async function findVariants(pg: Postgres, skus: readonly string[]): Promise<VariantRow[]> {
  return await pg.sql<VariantRow[]>`
    select ${columns(pg)} from variants where sku = any(${[...skus]}) and title is not null`;
}

/** The variants written since a revision. */
export async function findVariantsSince(pg: Postgres, revision: number): Promise<VariantRow[]> {
  return await pg.sql<VariantRow[]>`
    select ${columns(pg)} from variants where revision > ${revision} and title is not null`;
}

export async function currentRevision(pg: Postgres): Promise<number> {
  const [row] = await pg.sql<{ revision: number }[]>`select revision from projection`;
  return row?.revision ?? 0;
}

/** Whether any variant for sale has a price in the currency. */
export async function isCurrencyOffered(pg: Postgres, currency: string): Promise<boolean> {
  const [row] = await pg.sql<{ isOffered: boolean }[]>`
    select exists(
      select from variants where is_for_sale and prices @> ${pg.sql.json([{ currency }])}
    ) as "isOffered"`;
  return row?.isOffered ?? false;
}

/** Whether the projection has been read from its owners. */
export async function isRebuilt(pg: Postgres): Promise<boolean> {
  const [row] = await pg.db.select().from(projection);
  return row?.isRebuilt ?? false;
}

export async function markRebuilt(pg: Postgres): Promise<void> {
  await pg.db.update(projection).set({ isRebuilt: true });
}

function columns({ sql }: Postgres) {
  return sql`sku, variant_id as "variantId", product_id as "productId", title, image_url as "imageUrl", prices,
    weight_grams as "weightGrams", is_for_sale as "isForSale", available, sales, revision`;
}

// The row is locked until the commit, so revisions become visible in order, and batches never deadlock.
async function nextRevision(tx: Tx): Promise<number> {
  const [row] = await tx.sql<{ revision: number }[]>`
    update projection set revision = revision + 1 returning revision`;
  if (!row) throw new Error("the projection's own row is missing");
  return row.revision;
}

function rowsOf(product: ProductSnapshot) {
  const { productId, status } = product;
  return product.variants.map((variant) => ({
    sku: variant.sku,
    variantId: variant.variantId,
    productId,
    title: shownTitle(product.title, variant.title),
    imageUrl: variant.imageUrl ?? product.imageUrls[0] ?? null,
    prices: variant.prices satisfies Money[],
    weightGrams: variant.weightGrams,
    isForSale: status === "PUBLISHED",
    skuTurn: variant.skuTurn ?? 1,
  }));
}

// A variant's own title often has its attributes alone: "Red, M".
function shownTitle(product: string, variant: string): string {
  if (!variant || product === variant) return product;
  return variant.includes(product) ? variant : `${product}, ${variant}`;
}

function newestBy<T extends { version: number }>(all: readonly T[], idOf: (one: T) => string): T[] {
  const newest = new Map<string, T>();
  for (const one of all) {
    const other = newest.get(idOf(one));
    if (!other || other.version < one.version) newest.set(idOf(one), one);
  }
  return [...newest.values()];
}
