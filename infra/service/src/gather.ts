import type { Postgres, Tx } from "./postgres.ts";

/** Does something to several items in one go, and answers for each of them, in their order. */
export type GatheredAct<Item, Answer> = (tx: Tx, items: readonly Item[]) => Promise<readonly Answer[]>;

type Waiting = { item: unknown; resolve: (answer: unknown) => void; reject: (reason: unknown) => void };

/** `gather` of one transaction: what is handed to the same act in one turn of the event loop belongs together. */
export function gathering(tx: () => Tx): Tx["gather"] {
  const waiting = new Map<unknown, Waiting[]>();
  return <Item, Answer>(act: GatheredAct<Item, Answer>, item: Item): Promise<Answer> => {
    const { promise, resolve, reject } = Promise.withResolvers<unknown>();
    const known = waiting.get(act);
    const group = known ?? [];
    group.push({ item, resolve, reject });
    if (!known) {
      waiting.set(act, group);
      setImmediate(() => {
        waiting.delete(act);
        settle(act, tx(), group).catch((error: unknown) => {
          for (const one of group) one.reject(error);
        });
      });
    }
    return promise as Promise<Answer>;
  };
}

async function settle<Item, Answer>(act: GatheredAct<Item, Answer>, tx: Tx, group: readonly Waiting[]) {
  const answers = await act(
    tx,
    group.map(({ item }) => item as Item),
  );
  for (const [at, { resolve }] of group.entries()) resolve(answers[at]);
}

/**
 * A table `asked (id)` of these ids, into which Postgres can't look when it plans, so that it plans once and not each time.
 * To be joined laterally, with a lock or a limit: row by row, since a join that was planned while its tables were empty would
 * read all of them until the next ANALYZE.
 */
export function asked(sql: (Postgres | Tx)["sql"], ids: readonly string[]) {
  return sql`unnest((select ${ids as string[]}::text[])) as asked (id)`;
}
