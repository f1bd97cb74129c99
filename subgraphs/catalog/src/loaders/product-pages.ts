import type { ShopSql } from "@shop/service";
import { decodeCursor, encodeCursor, InvalidPage, pageOf, pageSize, type Page } from "@shop/values";
import DataLoader from "dataloader";
import { cachedLoader } from "./cached-loader.ts";
import type { ProductLoader, ProductView } from "./products.ts";

/** A page of products; the total is counted only if it is selected. */
export type ProductPage = Omit<Page<ProductView>, "totalCount"> & { totalCount: () => Promise<number> };

/** The paging arguments of a connection. */
export type PageArguments = { first?: number | null | undefined; after?: string | null | undefined };

type Entry = { id: string; at: Date };
type CategoryPage = { categoryId: string; size: number; after: string | null };

/** Opens the loader; the pages of many categories are read in one statement. */
export function productPages(sql: ShopSql, products: ProductLoader) {
  const categoryPages = new DataLoader<CategoryPage, Entry[], string>(
    (asked) => findCategoryPages(sql, asked),
    {
      cache: false,
      batchScheduleFn: setImmediate,
    },
  );
  const counts = cachedLoader<number>(async (ids) => countCategories(sql, ids), { ttl: 1_000, max: 1_000 });

  async function page(
    entries: readonly Entry[],
    size: number,
    after: string | null,
    count: () => Promise<number>,
  ) {
    const found = await Promise.all(entries.map(({ id }) => products.product(id)));
    const atById = new Map(entries.map(({ id, at }) => [id, at.getTime()]));
    const { totalCount: _, ...rest } = pageOf({
      rows: found.filter((it) => it !== undefined),
      size,
      after,
      totalCount: 0,
      cursorOf: ({ id }) => encodeCursor([atById.get(id) ?? 0, id]),
    });
    return { ...rest, totalCount: count } satisfies ProductPage;
  }

  return {
    /** Published products of a category and all below it, newest first. */
    async inCategory(categoryId: string, { first, after = null }: PageArguments): Promise<ProductPage> {
      const size = pageSize(first);
      const entries = await categoryPages.load({ categoryId, size, after });
      return page(entries, size, after, async () => (await counts.load(categoryId)) ?? 0);
    },
    /** Products in review, the oldest first. */
    async inReview({ first, after = null }: PageArguments): Promise<ProductPage> {
      const size = pageSize(first);
      const from = placeOf(after) ?? { at: new Date(0), id: "" };
      const entries = await sql<Entry[]>`
        select id, submitted_at as at from products
        where status = 'IN_REVIEW' and (submitted_at, id) > (${from.at}, ${from.id})
        order by submitted_at, id limit ${size + 1}`;
      return page(entries, size, after, async () => {
        const [row] = await sql<
          { n: number }[]
        >`select count(*)::int as n from products where status = 'IN_REVIEW'`;
        return row?.n ?? 0;
      });
    },
  };
}

async function findCategoryPages(sql: ShopSql, asked: readonly CategoryPage[]): Promise<Entry[][]> {
  const wanted = asked.map(({ categoryId, size, after }, n) => ({ n, categoryId, size, ...placeOf(after) }));
  const rows = await sql<(Entry & { n: number })[]>`
    select wanted.n, page.id, page.published_at as at
    from jsonb_to_recordset(${sql.json(wanted)})
      as wanted (n int, "categoryId" text, size int, at timestamptz, id text)
    cross join lateral (
      select p.id, p.published_at from products p
      where p.status = 'PUBLISHED'
        and p.category_id in (select c.id from categories c where c.path @> array[wanted."categoryId"])
        and (wanted.id is null or (p.published_at, p.id) < (wanted.at, wanted.id))
      order by p.published_at desc, p.id desc limit wanted.size + 1
    ) page
    order by wanted.n, page.published_at desc, page.id desc`;
  const pages = Map.groupBy(rows, (it) => it.n);
  return asked.map((_, n) => pages.get(n) ?? []);
}

async function countCategories(sql: ShopSql, ids: readonly string[]): Promise<Map<string, number>> {
  const rows = await sql<{ id: string; n: number }[]>`
    select wanted.id, count(*)::int as n
    from unnest(${ids}::text[]) as wanted (id)
    join categories c on c.path @> array[wanted.id]
    join products p on p.category_id = c.id and p.status = 'PUBLISHED'
    group by wanted.id`;
  return new Map(rows.map(({ id, n }) => [id, n]));
}

function placeOf(cursor: string | null): { at: Date; id: string } | undefined {
  if (!cursor) return undefined;
  const [ms, id] = decodeCursor(cursor, ["number", "string"]);
  if (!Number.isInteger(ms) || Number(ms) < 0 || Number(ms) > lastInstantMs) {
    throw new InvalidPage("after", `"after" must be a cursor that this list gave`);
  }
  return { at: new Date(Number(ms)), id: String(id) };
}

/** The end of the year 9999: JavaScript writes later instants with a sign, which Postgres doesn't read. */
const lastInstantMs = 253_402_300_799_999;
