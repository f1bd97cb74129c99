import type { ShopSql } from "@shop/service";
import { cachedLoader } from "./cached-loader.ts";
import type { Category } from "../domain/product.ts";

/** A category never changes, so it is cached for ten minutes; its children may grow, and are read again after a second. */
const forLong = { ttl: 600_000, max: 5_000 };
const forShort = { ttl: 1_000, max: 1_000 };

/** Opens the loader. */
export function categoryLoader(sql: ShopSql) {
  const byId = cachedLoader<Category>(
    async (ids) => new Map((await find(sql, sql`id = any(${ids}::text[])`)).map((it) => [it.id, it])),
    forLong,
  );
  const bySlug = cachedLoader<Category>(
    async (slugs) => new Map((await find(sql, sql`slug = any(${slugs}::text[])`)).map((it) => [it.slug, it])),
    forLong,
  );
  const below = cachedLoader<Category[]>(async (parents) => {
    const found = await find(sql, sql`coalesce(parent_id, '') = any(${parents}::text[])`);
    return Map.groupBy(found, (it) => it.parentId ?? "");
  }, forShort);
  return {
    category: byId.load,
    categoryBySlug: bySlug.load,
    /** The children of a category, or the roots, by name. */
    children: async (parentId: string | null) => (await below.load(parentId ?? "")) ?? [],
    /** From the root down to the parent. */
    async ancestors(category: Category): Promise<Category[]> {
      const found = await Promise.all(category.path.slice(0, -1).map(byId.load));
      return found.filter((it) => it !== undefined);
    },
  };
}

function find(sql: ShopSql, where: ReturnType<ShopSql>): Promise<Category[]> {
  return sql<Category[]>`
    select id, slug, name, parent_id as "parentId", path from categories where ${where} order by name, id`;
}
