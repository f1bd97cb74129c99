import type { Tx } from "./postgres.ts";

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
