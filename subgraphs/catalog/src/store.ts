import { event, type ProductSnapshot } from "@shop/events";
import { userError, type Postgres, type Tx } from "@shop/service";
import { and, asc, eq, getTableColumns, gt, inArray, isNotNull, ne, sql as expression } from "drizzle-orm";
import type { Decision, Refusal, Told } from "./domain/decision.ts";
import { snapshot, type Category, type Product } from "./domain/product.ts";
import { categories, products } from "./tables.ts";

/** What a change came to: the product's id, or why nothing was written. */
export type Written = { productId: string; errors: [] } | { productId: null; errors: Refusal[] };

/** Opens the store; `onWritten` is called after each commit with the products that changed. */
export function openStore(pg: Postgres, onWritten: (ids: readonly string[]) => void) {
  const write = async (work: (tx: Tx) => Promise<string>): Promise<Written> => {
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
    /** Writes a new product under names that must be free. */
    create: (product: Product) =>
      write(async (tx) => {
        await reserveNames(tx, product);
        await tx.db.insert(products).values(product);
        await writeSkus(tx, product);
        return product.id;
      }),
    /** Changes a product by a pure rule, under its row's lock, and tells the others. */
    change: (id: string, decide: (product: Product) => Decision) =>
      write(async (tx) => {
        const decision = await changeIn(tx, id, decide);
        if (decision.outcome === "refused") throw new Refused(decision.errors);
        return id;
      }),
    /** The same for a rule that may give the product other names or SKUs. */
    rename: (id: string, decide: (product: Product) => Decision) =>
      write(async (tx) => {
        await lockNames(tx);
        const decision = await changeIn(tx, id, decide, reserveNames);
        if (decision.outcome === "refused") throw new Refused(decision.errors);
        await writeSkus(tx, decision.product);
        return id;
      }),
    /** Products that were ever published, in order of id: as many as asked for, or as fit in one message. */
    async everPublished({ after = "", limit }: { after?: string | undefined; limit: number }) {
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
        const told = snapshot(product, pathOf(product));
        bytes += Buffer.byteLength(JSON.stringify(told));
        if (page.length > 0 && bytes > mostBytesOfAPage) break;
        page.push(told);
      }
      return { products: page, isLast: page.length === found.length };
    },
  };
}

/** NATS takes messages of a megabyte. */
const mostBytesOfAPage = 800_000;

/** Thrown to leave a transaction with nothing written. */
class Refused extends Error {
  readonly errors: Refusal[];
  constructor(errors: Refusal[]) {
    super("refused");
    this.errors = errors;
  }
}

/** Changes a product within a transaction; a refusal leaves it as it is. */
export async function changeIn(
  tx: Tx,
  id: string,
  decide: (product: Product) => Decision,
  beforeWrite?: (tx: Tx, product: Product) => Promise<void>,
): Promise<Decision> {
  const [product] = await tx.db.select().from(products).where(eq(products.id, id)).for("update");
  if (!product)
    return { outcome: "refused", errors: [userError("NOT_FOUND", "There is no such product.", ["id"])] };
  const decision = decide(product);
  if (decision.outcome === "refused") return decision;
  await beforeWrite?.(tx, decision.product);
  await tx.db.update(products).set(decision.product).where(eq(products.id, id));
  if (decision.told) await tell(tx, [{ product: decision.product, told: decision.told }]);
  return decision;
}

/** Publishes what has become of products, each with its whole snapshot. */
export async function tell(tx: Tx, news: readonly { product: Product; told: Told }[]): Promise<void> {
  const pathOf = await categoryPaths(
    tx,
    news.map(({ product }) => product),
  );
  for (const { product, told } of news) {
    const { type, ...more } = told;
    const data = { product: snapshot(product, pathOf(product)), ...more };
    const rest = { aggregateId: product.id, version: product.version, data };
    // The pair of type and data is made in one place, domain/decision.ts; the kit checks it against its validator.
    tx.publish(event(type, rest as Parameters<typeof event<typeof type>>[1]));
  }
}

/** Slugs and SKUs are taken one writer at a time, so that whoever finds one free gets it. */
export async function lockNames(tx: Tx): Promise<void> {
  await tx.sql`select pg_advisory_xact_lock(hashtext('catalog:names'))`;
}

async function reserveNames(tx: Tx, product: Product): Promise<void> {
  await lockNames(tx);
  const errors: Refusal[] = [];
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

/** Enters a product's SKUs; its names must be reserved. */
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
