import type { BatchFunction, Tx } from "./transaction.ts";

type Waiting = { item: unknown; resolve: (answer: unknown) => void; reject: (reason: unknown) => void };

/** `batch` of one transaction: items for the same function within one event-loop tick become one statement. */
export function batchStatements(tx: () => Tx): Tx["batch"] {
  const waiting = new Map<unknown, Waiting[]>();
  return <Item, Answer>(act: BatchFunction<Item, Answer>, item: Item): Promise<Answer> => {
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

async function settle<Item, Answer>(act: BatchFunction<Item, Answer>, tx: Tx, group: readonly Waiting[]) {
  const answers = await act(
    tx,
    group.map(({ item }) => item as Item),
  );
  for (const [at, { resolve }] of group.entries()) resolve(answers[at]);
}
