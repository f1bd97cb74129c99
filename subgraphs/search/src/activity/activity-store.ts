import type { Postgres, Tx } from "@shop/service";
import type { Activity } from "./activity.ts";
import type { IndexDocument, Popularity } from "../engine/engine.ts";
import { maxRareQueries, minTimesAsked } from "./popular-queries.ts";
import { recordActivities } from "./record-activities.ts";

export type ActivityStore = ReturnType<typeof activityStore>;

/** What shoppers did. It outlives every index, since no other service has it. */
export function activityStore({ sql }: Pick<Postgres, "sql">) {
  return {
    /** Records the activity of an event, in one statement with that of others. */
    record: (tx: Tx, activity: Activity): Promise<void> => tx.batch(recordActivities, activity),

    /** The documents with the popularity of their products. */
    async withPopularity(documents: readonly IndexDocument[]): Promise<IndexDocument[]> {
      if (documents.length === 0) return [];
      const rows = await sql<Scored[]>`
        select product_id as id, score from popularity where product_id = any(${documents.map(({ id }) => id)})`;
      const popularity = new Map(rows.map(({ id, score }) => [id, score]));
      return documents.map((document) => ({ ...document, popularity: popularity.get(document.id) ?? 0 }));
    },

    /** Popularity that the index may not have yet. */
    async popularityToIndex(limit: number): Promise<Popularity> {
      const rows = await sql<Scored[]>`
        select product_id as id, score from popularity where not is_indexed limit ${limit}`;
      return new Map(rows.map(({ id, score }) => [id, score]));
    },

    /** Marks that the index has this popularity; a product that has become more popular since stays to be indexed. */
    async markIndexed(popularity: Popularity): Promise<void> {
      const rows = [...popularity].map(([id, score]) => ({ id, score }));
      await sql`
        update popularity set is_indexed = true
        from jsonb_to_recordset(${sql.json(rows)}) as indexed (id text, score double precision)
        where product_id = indexed.id and popularity.score = indexed.score`;
    },

    /** A customer's last views and purchases. */
    async historyOf(customerId: string): Promise<{ productId: string; weight: number }[]> {
      return sql<{ productId: string; weight: number }[]>`
        select product_id as "productId", weight from interactions
        where customer_id = ${customerId} order by id`;
    },

    /** Suggested queries with the prefix, the most asked first. */
    async popularQueries(prefix: string, size: number): Promise<string[]> {
      if (prefix === "" || prefix.includes("\0")) return [];
      const rows = await sql<{ text: string }[]>`
        select text from popular_queries
        where text >= ${prefix} and text < ${`${prefix}\u{10ffff}`} and times >= 3
        order by times desc, text limit ${size}`;
      return rows.map(({ text }) => text);
    },

    /** Above their bound, queries that are not suggested yet are deleted. */
    async deleteRareQueries(): Promise<void> {
      await sql`
        delete from popular_queries where times < ${minTimesAsked}
          and (select count(*) from popular_queries where times < ${minTimesAsked}) > ${maxRareQueries}`;
    },
  };
}

type Scored = { id: string; score: number };
