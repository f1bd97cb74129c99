import type { Postgres, Tx } from "@shop/service";
import {
  decodeCursor,
  encodeCursor,
  likePatterns,
  pageOf,
  pageSize,
  searchWords,
  type Page,
} from "@shop/values";
import type { Book } from "./domain/address-book.ts";
import { userSearch, type users } from "./tables.ts";

type User = typeof users.$inferSelect;
type Given<T> = T | null | undefined;

/** A page of customers; the list's total is counted only when the query selects it. */
export type UserPage = Omit<Page<User>, "totalCount"> & { totalCount: () => Promise<number> };

/** Writes the words by which staff find the user, within the transaction that changes them. */
export async function writeSearchWords(
  tx: Tx,
  { id: userId, email, name, addresses }: { id: string; email: string; name: string; addresses: Book },
): Promise<void> {
  const words = searchWords({
    words: [name, email, ...addresses.flatMap((it) => [it.name, it.postalCode])],
    numbers: addresses.flatMap((it) => [it.postalCode, it.phone ?? ""]),
  });
  await tx.db
    .insert(userSearch)
    .values({ userId, words })
    .onConflictDoUpdate({ target: userSearch.userId, set: { words } });
}

/** All customers, newest first, or those that match the words. */
export async function findCustomers(
  { sql }: Pick<Postgres, "sql">,
  findUsers: (ids: readonly string[]) => Promise<ReadonlyMap<string, User>>,
  { query, first, after }: { query?: Given<string>; first?: Given<number>; after?: Given<string> },
): Promise<UserPage> {
  const size = pageSize(first);
  const behind = after ? sql`and u.id < ${String(decodeCursor(after, ["string"])[0])}` : sql``;
  const alternatives = likePatterns(query ?? "");
  const [words = [], digits = words] = alternatives;
  const found =
    alternatives.length === 0
      ? sql``
      : sql`and u.id in (select s.user_id from user_search s
          where s.words like all (${words}::text[]) or s.words like all (${digits}::text[]))`;
  const ids = await sql<{ id: string }[]>`
    select u.id from users u where true ${found} ${behind} order by u.id desc limit ${size + 1}`;
  const users = await findUsers(ids.map(({ id }) => id));
  const rows = ids.flatMap(({ id }) => users.get(id) ?? []);
  const cursorOf = ({ id }: User) => encodeCursor([id]);
  return {
    ...pageOf({ rows, size, after, totalCount: 0, cursorOf }),
    async totalCount() {
      const [row] = await sql<
        { count: number }[]
      >`select count(*)::int as count from users u where true ${found}`;
      return row?.count ?? 0;
    },
  };
}
