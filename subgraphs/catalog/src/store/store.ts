import type { ProductSnapshot } from "@shop/events";
import type { Postgres, Tx } from "@shop/service";
import { and, asc, eq, getTableColumns, gt, inArray, isNotNull, ne, sql as expression } from "drizzle-orm";
import { refused, userError, type Decision, type UserError } from "./domain/decision.ts";
import { productEvent, type ProductEvent } from "./domain/events.ts";
import { snapshot, type Category, type Product } from "./domain/product.ts";
import { categories, products } from "./tables.ts";

/** The result of a write: the product's id, or the errors for which nothing was written. */
export type WriteResult = { productId: string; errors: [] } | { productId: null; errors: UserError[] };

/** Opens the store; `onWritten` is called after each commit with the products that changed. */
export function openStore(pg: Postgres, onWritten: (ids: readonly string[]) => void) {
  const write = async (work: (tx: Tx) => Promise<string>): Promise<WriteResult> => {
    try {
      const productId = await pg.transact(work);
      onWritten([productId]);
      return { productId, errors: [] };
    } catch (error) {
      if (error instanceof Refused) return { productId: null, errors: error.errors };
      throw error;
    }
  };
  return {
    /** Inserts a new product; its slug and SKUs must be free. */
    create: (product: Product) =>
      write(async (tx) => {
        await reserveNames(tx, product);
        await tx.db.insert(products).values(product);
        await writeSkus(tx, product);
        return product.id;
      }),
    /** Changes a product by a pure rule under its row's lock, and publishes the event of it. */
    change: (id: string, decide: (product: Product) => Decision) =>
      write(async (tx) => {
        const decision = await change(tx, id, decide);
        if (decision.outcome === "refused") throw new Refused(decision.errors);
        return id;
      }),
    /** The same for a rule that may change the slug or the SKUs. */
    rename: (id: string, decide: (product: Product) => Decision) =>
      write(async (tx) => {
        await lockNames(tx);
        const decision = await change(tx, id, decide, reserveNames);
        if (decision.outcome === "refused") throw new Refused(decision.errors);
        await writeSkus(tx, decision.product);
        return id;
      }),
    /** A page of the products that were ever published, by id: at most `limit`, and no more than fit into one message. */
    async publishedPage({ after = "", limit }: { after?: string | undefined; limit: number }) {
      const found = await pg.db
        .select()
        .from(products)
        .where(and(isNotNull(products.publishedAt), gt(products.id, after)))
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

/** Rolls the transaction back, so that nothing is written. */
class Refused extends Error {
  readonly errors: UserError[];
  constructor(errors: UserError[]) {
    super("refused");
    this.errors = errors;
  }
}

/** Changes a product within a transaction; a refused change writes nothing. */
export async function change(
  tx: Tx,
  id: string,
  decide: (product: Product) => Decision,
  beforeWrite?: (tx: Tx, product: Product) => Promise<void>,
): Promise<Decision> {
  const [product] = await tx.db.select().from(products).where(eq(products.id, id)).for("update");
  if (!product) return refused("NOT_FOUND", "There is no such product.", ["id"]);
  const decision = decide(product);
  if (decision.outcome === "refused") return decision;
  await beforeWrite?.(tx, decision.product);
  await tx.db.update(products).set(decision.product).where(eq(products.id, id));
  if (decision.event) await publishEvents(tx, [{ product: decision.product, event: decision.event }]);
  return decision;
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

/** One writer at a time takes slugs and SKUs: the one that finds a name free gets it. */
export async function lockNames(tx: Tx): Promise<void> {
  await tx.sql`select pg_advisory_xact_lock(hashtext('catalog:names'))`;
}

async function reserveNames(tx: Tx, product: Product): Promise<void> {
  await lockNames(tx);
  const errors: UserError[] = [];
  const [taken] = await tx.db
    .select({ id: products.id })
    .from(products)
    .where(and(eq(products.slug, product.slug), ne(products.id, product.id)));
  if (taken)
    errors.push(userError("CONFLICT", `Another product has the slug "${product.slug}".`, ["input", "slug"]));
  const skus = product.variants.map((it) => it.sku);
  const others = await tx.sql<{ sku: string }[]>`
    select sku from skus where sku = any(${skus}::text[]) and product_id <> ${product.id}`;
  for (const { sku } of others) {
    const field = ["input", "variants", String(skus.indexOf(sku)), "sku"];
    errors.push(userError("CONFLICT", `Another product has the SKU "${sku}".`, field));
  }
  if (errors.length > 0) throw new Refused(errors);
}

/** Inserts a product's SKUs, under the lock of names. */
async function writeSkus(tx: Tx, product: Product): Promise<void> {
  const rows = product.variants.map(({ sku, id }) => ({ sku, variant_id: id, product_id: product.id }));
  await tx.sql`insert into skus ${tx.sql(rows)} on conflict (sku) do nothing`;
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
