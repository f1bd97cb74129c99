import type { Postgres } from "@shop/service";
import { firstIdOf, likePatterns } from "@shop/values";
import type { Progress } from "../domain/index.ts";

type Given<T> = T | null | undefined;

/** What staff may ask of the list of orders; all of it at once. */
export type OrderFilters = {
  /** Words of number, e-mail, name, postal code, telephone number and SKUs. */
  query?: Given<string>;
  dispute?: Given<string>;
  money?: Given<Progress["money"]>;
  /** Itself included. */
  placedFrom?: Given<Date>;
  /** Itself not included. */
  placedBefore?: Given<Date>;
  changedSince?: Given<Date>;
};

type Sql = Postgres["sql"];
type Fragment = ReturnType<Sql>;

/** Ids have the clock of the service that made them, and created_at Postgres': they differ by less. */
const clockMs = 60 * 60_000;

/** The filters as conditions on `orders o`, each after an "and". */
export function fitting(sql: Sql, filters: OrderFilters): Fragment {
  const { query, dispute, money, placedFrom, placedBefore, changedSince } = filters;
  const conditions: Fragment[] = [];
  if (query) conditions.push(found(sql, query));
  if (dispute) conditions.push(sql`and o.progress -> 'dispute' ->> 'status' = ${dispute}`);
  if (money) conditions.push(sql`and o.progress ->> 'money' = ${money}`);
  // By the id as well, which grows with time and has the index that the page is read by.
  if (placedFrom) {
    const id = firstIdOf("ord", placedFrom.getTime() - clockMs);
    conditions.push(sql`and o.created_at >= ${placedFrom} and o.id >= ${id}`);
  }
  if (placedBefore) {
    const id = firstIdOf("ord", placedBefore.getTime() + clockMs);
    conditions.push(sql`and o.created_at < ${placedBefore} and o.id < ${id}`);
  }
  if (changedSince) conditions.push(sql`and o.changed_at >= ${changedSince}`);
  return conditions.reduce((all, one): Fragment => sql`${all} ${one}`, sql``);
}

function found(sql: Sql, query: string): Fragment {
  const alternatives = likePatterns(query);
  if (alternatives.length === 0) return sql``;
  const anyOf = alternatives
    .map((patterns): Fragment => sql`s.words like all (${patterns}::text[])`)
    .reduce((all, one): Fragment => sql`${all} or ${one}`);
  return sql`and o.id in (select s.order_id from order_search s where ${anyOf})`;
}
