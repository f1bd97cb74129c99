import type { Tx } from "@shop/service";
import type { Activity, Interaction } from "./activity.ts";
import { countAsker, purchaseWeight, suggestible, type QueryCount } from "./popular-queries.ts";
import { interactionWeight, popularityGain } from "./popularity.ts";

/** How many of a customer's last views and purchases make the preferences. */
const historyLength = 50;

/** Records the activities of several events in one statement for each table. Rows are locked in the order of their keys. */
export async function recordActivities(tx: Tx, activities: readonly Activity[]): Promise<undefined[]> {
  const interactions = activities.flatMap((activity) => activity.interactions);
  await addToHistories(tx, interactions);
  await countQueries(
    tx,
    activities.flatMap(({ queries }) => queries),
    await queriesThatLedToPurchases(tx, interactions),
  );
  await addPopularity(tx, interactions);
  return activities.map(() => undefined);
}

async function addToHistories({ sql }: Tx, interactions: readonly Interaction[]): Promise<void> {
  const rows = interactions.flatMap(({ customerId, productId, query, bought }) => {
    if (customerId === null) return [];
    const led = query === null ? null : (suggestible(query) ?? null);
    return [{ customerId, productId, weight: interactionWeight({ bought }), query: led }];
  });
  if (rows.length === 0) return;
  await sql`
    insert into interactions (customer_id, product_id, weight, query)
    select * from jsonb_to_recordset(${sql.json(rows)})
      as one ("customerId" text, "productId" text, weight int, query text)`;
  await sql`
    delete from interactions where id in (
      select id from (
        select id, row_number() over (partition by customer_id order by id desc) as place from interactions
        where customer_id = any(${[...new Set(rows.map(({ customerId }) => customerId))]})
      ) as history where place > ${historyLength})`;
}

/** A purchase credits the query that led to the product. */
async function queriesThatLedToPurchases(
  { sql }: Tx,
  interactions: readonly Interaction[],
): Promise<string[]> {
  const rows = interactions.flatMap(({ customerId, productId, bought }) =>
    customerId !== null && bought > 0 ? [{ customerId, productId }] : [],
  );
  if (rows.length === 0) return [];
  const led = await sql<{ query: string }[]>`
    select led.query from jsonb_to_recordset(${sql.json(rows)}) as bought ("customerId" text, "productId" text)
    cross join lateral (
      select query from interactions
      where customer_id = bought."customerId" and product_id = bought."productId" and query is not null
      order by id desc limit 1) as led`;
  return led.map(({ query }) => query);
}

async function countQueries({ sql }: Tx, asked: Activity["queries"], led: readonly string[]): Promise<void> {
  const askers = Map.groupBy(asked, ([query]) => suggestible(query));
  const purchases = Map.groupBy(led, (query) => query);
  const texts = [...new Set([...askers.keys(), ...purchases.keys()])].filter((text) => text !== undefined);
  if (texts.length === 0) return;
  await sql`
    insert into popular_queries (text) select unnest(${texts}::text[]) order by 1 on conflict do nothing`;
  const known = await sql<({ text: string } & QueryCount)[]>`
    select text, times, askers from popular_queries where text = any(${texts}) order by text for update`;
  const counted = known.map(({ text, ...before }) => {
    const now = (askers.get(text) ?? []).reduce<QueryCount>(
      (count, [, asker]) => countAsker(count, asker),
      before,
    );
    const credit = (purchases.get(text)?.length ?? 0) * purchaseWeight;
    return { text, times: now.times + credit, askers: [...now.askers] };
  });
  await sql`
    update popular_queries set times = counted.times, askers = counted.askers
    from jsonb_to_recordset(${sql.json(counted)}) as counted (text text, times int, askers jsonb)
    where popular_queries.text = counted.text`;
}

async function addPopularity({ sql }: Tx, interactions: readonly Interaction[]): Promise<void> {
  if (interactions.length === 0) return;
  const rows = [...Map.groupBy(interactions, ({ productId }) => productId)].map(([id, own]) => {
    return { id, gain: own.reduce((sum, one) => sum + popularityGain(one), 0) };
  });
  await sql`
    insert into popularity (product_id, score)
    select id, gain from jsonb_to_recordset(${sql.json(rows)}) as gained (id text, gain double precision)
    order by id
    on conflict (product_id) do update set score = popularity.score + excluded.score, is_indexed = false`;
}
