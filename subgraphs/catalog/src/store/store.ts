import type { ProductSnapshot } from "@shop/events";
import type { Postgres, Tx } from "@shop/service";
import { and, asc, eq, getTableColumns, gt, inArray, isNotNull, sql as expression } from "drizzle-orm";
import { refused, type Decision, type UserError } from "../domain/decision.ts";
import { productEvent, type ProductEvent } from "../domain/events.ts";
import { snapshot, type Category, type Product, type ProductContent } from "../domain/product.ts";
import { categories, products } from "../tables.ts";
import { conflictsOf, lockNames, readNames, withNames, writeNames } from "./slugs-and-skus.ts";
import { respellAll } from "./spellings.ts";

/** The result of a write: the product's id, and the errors for which nothing was written. A stale edit has both. */
export type WriteResult = { productId: string | null; errors: UserError[] };

/** Opens the store; `onWritten` is called after each commit with the products that changed. */
export function openStore(pg: Postgres, onWritten: (ids: readonly string[]) => void) {
  const write = async (work: (tx: Tx) => Promise<string>): Promise<WriteResult> => {
    try {
      const productId = await pg.transact(work);
      onWritten([productId]);
      return { productId, errors: [] };
    } catch (error) {
      if (error instanceof Refused) return { productId: error.productId, errors: error.errors };
      throw error;
    }
  };
  return {
    /** Inserts a new product, in the shop's spelling; its slug and SKUs must be free. */
    create: (content: ProductContent, draft: (content: ProductContent) => Product) =>
      write(async (tx) => {
        await lockNames(tx);
        const product = await claimNames(tx, draft(await respellOne(tx, content)));
        await tx.db.insert(products).values(product);
        await writeNames(tx, [{ product, oldSlug: undefined }]);
        return product.id;
      }),
    /** Changes a product by a pure rule under its row's lock, and publishes the event of it. */
    change: (id: string, decide: Decide) =>
      write(async (tx) => {
        const decision = await change(tx, id, decide);
        if (decision.outcome === "refused") throw new Refused(id, decision.errors);
        return id;
      }),
    /** The same for a rule that may change the slug or the SKUs. */
    rename: (id: string, decide: Decide) =>
      write(async (tx) => {
        await lockNames(tx);
        return await rename(tx, id, decide);
      }),
    /** The same with an author's content, in the shop's spelling. */
    revise: (
      id: string,
      content: ProductContent,
      decide: (product: Product, content: ProductContent) => Decision,
    ) =>
      write(async (tx) => {
        await lockNames(tx);
        const spelled = await respellOne(tx, content);
        return await rename(tx, id, (product) => decide(product, spelled));
      }),
    /** Deletes a product, with its slugs and SKUs, unless the rule refuses. */
    remove: (id: string, refuse: (product: Product) => Decision | undefined) =>
      write(async (tx) => {
        await lockNames(tx);
        const [product] = await tx.db.select().from(products).where(eq(products.id, id)).for("update");
        const decision = product ? refuse(product) : unknownProduct;
        if (decision?.outcome === "refused") throw new Refused(id, decision.errors);
        await tx.sql`delete from skus where product_id = ${id}`;
        await tx.db.delete(products).where(eq(products.id, id));
        return id;
      }),
    /** A page of the products that were ever published, by id: at most `limit`, and no more than fit into one message. */
    async publishedPage({ after = "", limit }: { after?: string | undefined; limit: number }) {
      const found = await pg.db
        .select()
        .from(products)
        .where(and(isNotNull(products.publishedAt), hasVariants, gt(products.id, after)))
        .orderBy(asc(products.id))
        .limit(limit + 1);
      const pathOf = await categoryPaths(pg, found);
      const page: ProductSnapshot[] = [];
      let bytes = 0;
      for (const product of found.slice(0, limit)) {
        const record = snapshot(product, pathOf(product));
        bytes += Buffer.byteLength(JSON.stringify(record));
        if (page.length > 0 && bytes > maxPageBytes) break;
        page.push(record);
      }
      return { products: page, isLast: page.length === found.length };
    },
  };
}

/** NATS takes messages of at most a megabyte. */
const maxPageBytes = 800_000;

/** An archived product whose SKUs all went to others has nothing left to show. */
const hasVariants = expression`jsonb_path_exists(${products.variants}, '$[*] ? (@.isRetired == false)')`;

type Decide = (product: Product) => Decision;

/** Rolls the transaction back, so that nothing is written. */
class Refused extends Error {
  readonly errors: UserError[];
  /** The product as it now stands is the answer to a stale edit. */
  readonly productId: string | null;
  constructor(productId: string | null, errors: UserError[]) {
    super("refused");
    this.errors = errors;
    this.productId = errors.some(({ code }) => code === "STALE_VERSION") ? productId : null;
  }
}

const unknownProduct = refused("NOT_FOUND", "There is no such product.", ["id"]);

/** Changes a product within a transaction; a refused change writes nothing. */
export async function change(
  tx: Tx,
  id: string,
  decide: Decide,
  finish: (product: Product, before: Product) => Promise<Product> = async (product) => product,
): Promise<Decision> {
  const [before] = await tx.db.select().from(products).where(eq(products.id, id)).for("update");
  if (!before) return unknownProduct;
  const decision = decide(before);
  if (decision.outcome === "refused") return decision;
  const product = await finish(decision.product, before);
  await tx.db.update(products).set(product).where(eq(products.id, id));
  if (decision.event) await publishEvents(tx, [{ product, event: decision.event }]);
  return { ...decision, product };
}

/** Changes a product that may take another slug or other SKUs, under the lock of names. */
async function rename(tx: Tx, id: string, decide: Decide): Promise<string> {
  let oldSlug: string | undefined;
  const decision = await change(tx, id, decide, async (product, before) => {
    oldSlug = before.slug;
    return await claimNames(tx, product);
  });
  if (decision.outcome === "refused") throw new Refused(id, decision.errors);
  await writeNames(tx, [{ product: decision.product, oldSlug }]);
  return id;
}

/** The product with its names, under their lock; refuses names that are another's. */
async function claimNames(tx: Tx, product: Product): Promise<Product> {
  const names = await readNames(tx, { slugs: [product.slug], skus: product.variants.map((it) => it.sku) });
  const errors = conflictsOf(product, names, ["input"]);
  if (errors.length > 0) throw new Refused(null, errors);
  return withNames(product, names);
}

async function respellOne(tx: Tx, content: ProductContent): Promise<ProductContent> {
  const [spelled = content] = await respellAll(tx, [content]);
  return spelled;
}

/** Publishes the events of changed products, each with the whole product. */
export async function publishEvents(
  tx: Tx,
  changes: readonly { product: Product; event: ProductEvent }[],
): Promise<void> {
  const pathOf = await categoryPaths(
    tx,
    changes.map(({ product }) => product),
  );
  for (const { product, event } of changes) tx.publish(productEvent(product, event, pathOf(product)));
}

type CategoryPath = ProductSnapshot["categoryPath"];

async function categoryPaths(from: Pick<Postgres | Tx, "db">, of: readonly Product[]) {
  const ids = [...new Set(of.map((it) => it.categoryId))];
  if (ids.length === 0) return (): CategoryPath => [];
  const above = expression`${categories.id} in (select unnest(c.path) from categories c where ${inArray(expression`c.id`, ids)})`;
  const found: Category[] = await from.db.select(getTableColumns(categories)).from(categories).where(above);
  const byId = new Map(found.map((it) => [it.id, it]));
  return ({ categoryId }: Product): CategoryPath =>
    (byId.get(categoryId)?.path ?? [])
      .map((id) => byId.get(id))
      .filter((it) => it !== undefined)
      .map(({ id, slug, name }) => ({ id, slug, name }));
}
