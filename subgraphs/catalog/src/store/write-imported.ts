import type { Tx } from "@shop/service";
import type { ProductEvent } from "../domain/events.ts";
import type { Imported } from "../domain/import-record.ts";
import type { Product } from "../domain/product.ts";
import { writeNames } from "./slugs-and-skus.ts";
import { publishEvents } from "./store.ts";

/** Writes an import's products with their names, marks and events, in as many statements for one as for hundreds. */
export async function writeImported(
  tx: Tx,
  imported: readonly Imported[],
  before: ReadonlyMap<string, Product>,
): Promise<void> {
  const changed = imported.filter((it) => "isPublishing" in it);
  if (changed.length > 0) {
    const rows = changed.map(({ product }) => product);
    await writeProducts(tx, rows);
    const oldSlugOf = ({ externalId }: Product) => before.get(externalId ?? "")?.slug;
    await writeNames(
      tx,
      rows.map((product) => ({ product, oldSlug: oldSlugOf(product) })),
    );
  }
  const marks = imported.flatMap((it) => ("marks" in it ? [{ id: it.product.id, marks: it.marks }] : []));
  if (marks.length > 0) {
    await tx.sql`
      insert into import_marks (product_id, marks)
      select id, marks from jsonb_to_recordset(${tx.sql.json(marks)}) as r (id text, marks jsonb)
      on conflict (product_id) do update set marks = excluded.marks where import_marks.marks <> excluded.marks`;
  }
  await publishEvents(
    tx,
    changed.flatMap((it) => eventsOf(it)),
  );
}

async function writeProducts(tx: Tx, rows: Product[]): Promise<void> {
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
}

function eventsOf({
  product,
  isPublishing,
}: Extract<Imported, { isPublishing: boolean }>): { product: Product; event: ProductEvent }[] {
  if (product.status !== "PUBLISHED") return [];
  return [{ product, event: { type: isPublishing ? "ProductPublished" : "ProductChanged" } }];
}
