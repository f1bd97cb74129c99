import type { Tx } from "@shop/service";
import { skuKey } from "@shop/values";
import { userError, type UserError } from "../domain/decision.ts";
import type { Product } from "../domain/product.ts";

/** Who has which slugs and SKUs; grows with the products that take theirs. */
export type Names = {
  /** The product of each slug, as it is today. */
  slugs: Map<string, string>;
  /** By key. */
  skus: Map<string, RegisteredSku>;
};

/** A SKU as it was first written, and whose it is. */
export type RegisteredSku = {
  sku: string;
  key: string;
  productId: string;
  variantId: string;
  turn: number;
  /** Its owner doesn't sell it any more, so that another product may take it. */
  isFree: boolean;
};

/** One writer at a time takes names: the one that finds a name free gets it. */
export async function lockNames(tx: Tx): Promise<void> {
  await tx.sql`select pg_advisory_xact_lock(hashtext('catalog:names'))`;
}

/** Reads the owners of slugs and SKUs, under the lock of names. */
export async function readNames(tx: Tx, wanted: { slugs: string[]; skus: string[] }): Promise<Names> {
  const keys = [...new Set(wanted.skus.map(skuKey))];
  const [slugs, skus] = await Promise.all([
    tx.sql<{ slug: string; id: string }[]>`
      select slug, id from products where slug = any(${wanted.slugs}::text[])`,
    // Older rows may have two SKUs of one key: the one that is sold counts.
    tx.sql<RegisteredSku[]>`
      select k.sku, k.key, k.product_id as "productId", k.variant_id as "variantId", k.turn,
        p.status = 'ARCHIVED' or exists (
          select from jsonb_array_elements(p.variants) v
          where v ->> 'id' = k.variant_id and (v ->> 'isRetired')::boolean) as "isFree"
      from skus k join products p on p.id = k.product_id where k.key = any(${keys}::text[])
      order by "isFree" desc`,
  ]);
  return {
    slugs: new Map(slugs.map((it) => [it.slug, it.id])),
    skus: new Map(skus.map((it) => [it.key, it])),
  };
}

/** The slug and the SKUs of a product that are another's, each with its path from `at`. */
export function conflictsOf(product: Product, names: Names, at: readonly string[]): UserError[] {
  const { id, slug } = product;
  const errors: UserError[] = [];
  const conflict = (message: string, ...field: string[]) =>
    void errors.push(userError("CONFLICT", message, [...at, ...field]));
  const owner = names.slugs.get(slug);
  if (owner !== undefined && owner !== id) {
    conflict(`Another product has the slug "${slug}": take another, or give that one another first.`, "slug");
  }
  for (const [index, { sku, isRetired }] of product.variants.entries()) {
    const registered = names.skus.get(skuKey(sku));
    if (isRetired || !registered || registered.productId === id || registered.isFree) continue;
    conflict(`Another product has the SKU "${registered.sku}".`, "variants", String(index), "sku");
  }
  return errors;
}

/** The product with its SKUs as they were first written in the shop, and their turns; notes in `names` that it has them. */
export function withNames(product: Product, names: Names): Product {
  const { id: productId, status } = product;
  const variants = product.variants.map((variant) => {
    const key = skuKey(variant.sku);
    const known = names.skus.get(key);
    const isMine = !known || known.productId === productId;
    if (variant.isRetired && !isMine) return variant;
    const sku = known?.sku ?? variant.sku;
    const turn = known ? known.turn + (isMine ? 0 : 1) : 1;
    const isFree = variant.isRetired || status === "ARCHIVED";
    names.skus.set(key, { sku, key, productId, variantId: variant.id, turn, isFree });
    return { ...variant, sku, ...(turn > 1 ? { skuTurn: turn } : {}) };
  });
  names.slugs.set(product.slug, productId);
  return { ...product, variants };
}

/** Writes the names of products that were written before in this transaction, with the slug that each had until now. */
export async function writeNames(
  tx: Tx,
  written: readonly { product: Product; oldSlug: string | undefined }[],
): Promise<void> {
  const variants = written.flatMap(({ product: { id: productId, variants } }) =>
    variants
      .filter((it) => it.isGivenAway !== true)
      .map(({ sku, id, skuTurn: turn = 1 }) => ({ sku, key: skuKey(sku), id, productId, turn })),
  );
  // One product may take what another of these gives up.
  const inTurn = variants.toSorted((one, other) => one.turn - other.turn);
  const rows = [...new Map(inTurn.map((it) => [it.sku, it])).values()];
  await tx.sql`
    with given as (
      select * from jsonb_to_recordset(${tx.sql.json(rows)})
        as r (sku text, key text, id text, "productId" text, turn int)
    ), lost as (
      select k.variant_id, k.product_id from skus k join given using (sku)
      where k.product_id <> given."productId" and k.turn < given.turn
    ), former as (
      insert into former_variants (variant_id, product_id) select variant_id, product_id from lost
      on conflict do nothing
    ), owners as (
      update products p set version = p.version + 1, variants = (
        select jsonb_agg(case when v ->> 'id' = any(ids) then v || '{"isRetired": true, "isGivenAway": true}' else v end
          order by place)
        from jsonb_array_elements(p.variants) with ordinality as each (v, place))
      from (select product_id, array_agg(variant_id) as ids from lost group by 1) as losers
      where p.id = losers.product_id
    )
    insert into skus (sku, key, variant_id, product_id, turn) select sku, key, id, "productId", turn from given
    on conflict (sku) do update
      set variant_id = excluded.variant_id, product_id = excluded.product_id, turn = excluded.turn, key = excluded.key
      where skus.turn < excluded.turn`;
  const slugs = written.map(({ product }) => product.slug);
  const old = written.flatMap(({ product: { id, slug }, oldSlug }) =>
    oldSlug === undefined || oldSlug === slug ? [] : [{ slug: oldSlug, id }],
  );
  if (old.length > 0) {
    await tx.sql`
      insert into old_slugs (slug, product_id)
      select slug, id from jsonb_to_recordset(${tx.sql.json(old)}) as r (slug text, id text)
      on conflict (slug) do update set product_id = excluded.product_id`;
  }
  await tx.sql`delete from old_slugs where slug = any(${slugs}::text[])`;
}
