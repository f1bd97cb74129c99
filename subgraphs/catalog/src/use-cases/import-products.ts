import { inputHash, type Postgres, type Tx } from "@shop/service";
import { newId } from "@shop/values";
import { inArray } from "drizzle-orm";
import { addCategories, pathKey } from "../domain/add-categories.ts";
import { userError, type UserError } from "../domain/decision.ts";
import type { ProductEvent } from "../domain/events.ts";
import {
  importRecord,
  readRecord,
  slugFor,
  type Imported,
  type ReadRecord,
  type RecordInput,
} from "../domain/import-record.ts";
import type { Category, Product } from "../domain/product.ts";
import { lockNames, publishEvents } from "../store.ts";
import { categories, products } from "../tables.ts";

/** The result of one record, in the order of the input. */
export type RecordResult = {
  index: number;
  productId: string | null;
  outcome: Imported["outcome"];
  userErrors: UserError[];
};

/** Imports records in one transaction with a fixed number of statements. A rejected record stops no other. */
export async function importProducts(
  pg: Postgres,
  records: readonly RecordInput[],
  shopCurrency: string,
): Promise<{ results: RecordResult[]; changedIds: string[] }> {
  const read = records.map((record, index) => readRecord(record, shopCurrency, fieldOf(index), inputHash));
  const readable = read.filter((it) => "hash" in it);
  const imported = await pg.transact(async (tx) => {
    if (readable.length === 0) return new Map<ReadRecord, Imported>();
    await lockNames(tx);
    const category = await ensureCategories(tx, readable);
    const names = await takenNames(tx, readable);
    const done = new Map<ReadRecord, Imported>();
    const now = new Date();
    for (const [index, record] of read.entries()) {
      if (!("hash" in record)) continue;
      const found = category.get(pathKey(record.categoryPath));
      if (!found) throw new Error("a category was not added");
      done.set(record, importOne(record, found, names, fieldOf(index), now));
    }
    await writeAll(tx, [...done.values()]);
    return done;
  });
  const results = read.map((record, index): RecordResult => {
    const result = "hash" in record ? imported.get(record) : undefined;
    if (result && "product" in result) {
      return { index, productId: result.product.id, outcome: result.outcome, userErrors: [] };
    }
    const userErrors = "errors" in record ? record.errors : (result?.errors ?? []);
    return { index, productId: null, outcome: "REJECTED", userErrors };
  });
  const changedIds = [...imported.values()].flatMap((it) => ("isPublishing" in it ? [it.product.id] : []));
  return { results, changedIds };
}

const fieldOf = (index: number) => ["input", "records", String(index)];

/** The product id behind each external id, slug and SKU; grows with the records of one import. */
type Names = {
  byExternalId: Map<string, Product>;
  slugs: Map<string, string>;
  skus: Map<string, string>;
  seen: Set<string>;
};

function importOne(record: ReadRecord, category: Category, names: Names, at: string[], now: Date): Imported {
  const errors: UserError[] = [];
  const conflict = (message: string, ...field: string[]) =>
    void errors.push(userError("CONFLICT", message, [...at, ...field]));
  const existing = names.byExternalId.get(record.externalId);
  const isOthers = (owner: string | undefined) => owner !== undefined && owner !== existing?.id;
  if (names.seen.has(record.externalId)) conflict("An earlier record has this external id.", "externalId");
  const slug = slugFor(record, existing);
  if (isOthers(names.slugs.get(slug))) conflict(`Another product has the slug "${slug}".`, "slug");
  for (const [index, { sku }] of record.content.variants.entries()) {
    if (isOthers(names.skus.get(sku))) {
      conflict(`Another product has the SKU "${sku}".`, "variants", String(index), "sku");
    }
  }
  if (errors.length > 0) return { outcome: "REJECTED", errors };
  const result = importRecord(record, existing, category, now, newId);
  if ("product" in result) {
    names.seen.add(record.externalId);
    names.slugs.set(slug, result.product.id);
    for (const { sku } of result.product.variants) names.skus.set(sku, result.product.id);
  }
  return result;
}

async function ensureCategories(tx: Tx, records: readonly ReadRecord[]): Promise<Map<string, Category>> {
  const paths = new Map(records.map((it) => [pathKey(it.categoryPath), it.categoryPath]));
  const tree = await tx.db.select().from(categories);
  const { found, added } = addCategories(tree, paths.values(), newId);
  if (added.length > 0) await tx.db.insert(categories).values(added);
  return found;
}

async function takenNames(tx: Tx, records: readonly ReadRecord[]): Promise<Names> {
  const externalIds = records.map((it) => it.externalId);
  const existing = await tx.db
    .select()
    .from(products)
    .where(inArray(products.externalId, externalIds))
    .orderBy(products.id)
    .for("update");
  const byExternalId = new Map(
    existing.flatMap((it) => (it.externalId ? [[it.externalId, it] as const] : [])),
  );
  const slugs = records.map((it) => slugFor(it, byExternalId.get(it.externalId)));
  const skus = records.flatMap((it) => it.content.variants.map(({ sku }) => sku));
  const [slugRows, skuRows] = await Promise.all([
    tx.sql<{ slug: string; id: string }[]>`select slug, id from products where slug = any(${slugs}::text[])`,
    tx.sql<
      { sku: string; id: string }[]
    >`select sku, product_id as id from skus where sku = any(${skus}::text[])`,
  ]);
  return {
    byExternalId,
    slugs: new Map(slugRows.map((it) => [it.slug, it.id])),
    skus: new Map(skuRows.map((it) => [it.sku, it.id])),
    seen: new Set(),
  };
}

async function writeAll(tx: Tx, imported: readonly Imported[]): Promise<void> {
  const changed = imported.filter((it) => "isPublishing" in it);
  if (changed.length === 0) return;
  const rows = changed.map(({ product }) => product);
  await tx.sql`
    insert into products (id, version, status, slug, title, description, brand, category_id, attributes, image_urls,
      variants, external_id, import_hash, rejection_reason, created_at, updated_at, submitted_at, published_at)
    select id, version, status, slug, title, description, brand, "categoryId", attributes, "imageUrls",
      variants, "externalId", "importHash", "rejectionReason", "createdAt", "updatedAt", "submittedAt", "publishedAt"
    from jsonb_to_recordset(${tx.sql.json(rows)}) as r (id text, version int, status text, slug text,
      title text, description text, brand text, "categoryId" text, attributes jsonb, "imageUrls" jsonb,
      variants jsonb, "externalId" text, "importHash" text, "rejectionReason" text, "createdAt" timestamptz,
      "updatedAt" timestamptz, "submittedAt" timestamptz, "publishedAt" timestamptz)
    on conflict (id) do update set version = excluded.version, status = excluded.status, slug = excluded.slug,
      title = excluded.title, description = excluded.description, brand = excluded.brand,
      category_id = excluded.category_id, attributes = excluded.attributes, image_urls = excluded.image_urls,
      variants = excluded.variants, import_hash = excluded.import_hash, updated_at = excluded.updated_at,
      rejection_reason = excluded.rejection_reason, published_at = excluded.published_at`;
  const skus = rows.flatMap(({ id: productId, variants }) =>
    variants.map(({ sku, id }) => ({ sku, id, productId })),
  );
  await tx.sql`
    insert into skus (sku, variant_id, product_id)
    select sku, id, "productId" from jsonb_to_recordset(${tx.sql.json(skus)}) as r (sku text, id text, "productId" text)
    on conflict (sku) do nothing`;
  await publishEvents(
    tx,
    changed.flatMap((it) => eventsOf(it)),
  );
}

function eventsOf({
  product,
  isPublishing,
}: Extract<Imported, { isPublishing: boolean }>): { product: Product; event: ProductEvent }[] {
  if (product.status !== "PUBLISHED") return [];
  return [{ product, event: { type: isPublishing ? "ProductPublished" : "ProductChanged" } }];
}
