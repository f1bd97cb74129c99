import { inputHash, type Postgres, type Tx } from "@shop/service";
import { newId } from "@shop/values";
import { inArray } from "drizzle-orm";
import { addCategories, pathKey } from "../domain/add-categories.ts";
import { userError, type UserError } from "../domain/decision.ts";
import type { Marks, Overwritten } from "../domain/import-marks.ts";
import {
  importRecord,
  readRecord,
  slugFor,
  type Imported,
  type ReadRecord,
  type RecordInput,
} from "../domain/import-record.ts";
import type { Category, Product } from "../domain/product.ts";
import { conflictsOf, lockNames, readNames, withNames, type Names } from "../store/slugs-and-skus.ts";
import { respellAll } from "../store/spellings.ts";
import { writeImported } from "../store/write-imported.ts";
import { categories, importMarks, products } from "../tables.ts";

/** The result of one record, in the order of the input. */
export type RecordResult = {
  index: number;
  productId: string | null;
  outcome: Imported["outcome"];
  overwrote: Overwritten[];
  userErrors: UserError[];
};

/** Imports records in one transaction with a fixed number of statements. A rejected record stops no other. */
export async function importProducts(
  pg: Postgres,
  records: readonly RecordInput[],
  shopCurrency: string,
): Promise<{ results: RecordResult[]; changedIds: string[] }> {
  const read = records.map((record, index) => readRecord(record, shopCurrency, fieldOf(index), inputHash));
  const imported = await pg.transact(async (tx) => {
    const done = new Map<number, Imported>();
    if (!read.some((it) => "hash" in it)) return done;
    await lockNames(tx);
    const spelled = await inShopSpelling(tx, read);
    const category = await ensureCategories(tx, [...spelled.values()]);
    const known = await findKnown(tx, [...spelled.values()]);
    const now = new Date();
    for (const [index, record] of spelled) {
      const found = category.get(pathKey(record.categoryPath));
      if (!found) throw new Error("a category was not added");
      done.set(index, importOne(record, found, known, fieldOf(index), now));
    }
    await writeImported(tx, [...done.values()], known.byExternalId);
    return done;
  });
  const results = read.map((record, index): RecordResult => {
    const result = imported.get(index);
    if (result && "product" in result) {
      const overwrote = "overwritten" in result ? result.overwritten : [];
      return { index, productId: result.product.id, outcome: result.outcome, overwrote, userErrors: [] };
    }
    const userErrors = "errors" in record ? record.errors : (result?.errors ?? []);
    return { index, productId: null, outcome: "REJECTED", overwrote: [], userErrors };
  });
  const changedIds = [...imported.values()].flatMap((it) => ("isPublishing" in it ? [it.product.id] : []));
  return { results, changedIds };
}

const fieldOf = (index: number) => ["input", "records", String(index)];

/** The readable records by their places, with the names in them as the shop spells them. */
async function inShopSpelling(tx: Tx, read: readonly (ReadRecord | { errors: UserError[] })[]) {
  const readable = [...read.entries()].flatMap(([index, it]) => ("hash" in it ? [[index, it] as const] : []));
  const contents = await respellAll(
    tx,
    readable.map(([, { content }]) => content),
  );
  return new Map(
    readable.map(([index, record], at) => [index, { ...record, content: contents[at] ?? record.content }]),
  );
}

/** What the shop has already of an import's records; grows with the records of one import. */
type Known = {
  names: Names;
  byExternalId: Map<string, Product>;
  marks: Map<string, Marks>;
  seen: Set<string>;
};

function importOne(record: ReadRecord, category: Category, known: Known, at: string[], now: Date): Imported {
  const existing = known.byExternalId.get(record.externalId);
  const context = { existing, marks: existing && known.marks.get(existing.id), category, now };
  const result = importRecord(record, { ...context, newId, hashOf: inputHash });
  if (!("product" in result)) return { ...result, errors: result.errors.map((it) => within(it, at)) };
  const errors = conflictsOf(result.product, known.names, at);
  if (known.seen.has(record.externalId)) {
    errors.unshift(userError("CONFLICT", "An earlier record has this external id.", [...at, "externalId"]));
  }
  if (errors.length > 0) return { outcome: "REJECTED", errors };
  known.seen.add(record.externalId);
  return { ...result, product: withNames(result.product, known.names) };
}

/** A rule of one product doesn't know where in the input it stands. */
const within = (error: UserError, at: readonly string[]): UserError => ({
  ...error,
  field: [...at, ...(error.field ?? []).filter((it) => it !== "id")],
});

async function ensureCategories(tx: Tx, records: readonly ReadRecord[]): Promise<Map<string, Category>> {
  const paths = new Map(records.map((it) => [pathKey(it.categoryPath), it.categoryPath]));
  // Ids are ordered by time: of two categories that look alike the older one is taken.
  const tree = await tx.db.select().from(categories).orderBy(categories.id);
  const { found, added } = addCategories(tree, paths.values(), newId);
  if (added.length > 0) await tx.db.insert(categories).values(added);
  return found;
}

async function findKnown(tx: Tx, records: readonly ReadRecord[]): Promise<Known> {
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
  const skus = [
    ...records.flatMap((it) => it.content.variants.map(({ sku }) => sku)),
    ...existing.flatMap((it) => it.variants.map(({ sku }) => sku)),
  ];
  const ids = existing.map(({ id }) => id);
  const marks =
    ids.length > 0 ? await tx.db.select().from(importMarks).where(inArray(importMarks.productId, ids)) : [];
  return {
    names: await readNames(tx, { slugs, skus }),
    byExternalId,
    marks: new Map(marks.map((it) => [it.productId, it.marks])),
    seen: new Set(),
  };
}
