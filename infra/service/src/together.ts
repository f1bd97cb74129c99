import type { Postgres, Tx } from "./postgres.ts";

type Work = { run: (tx: Tx) => Promise<unknown>; handled: readonly string[] };
type Waiting = Work & { resolve: (value: unknown) => void; reject: (reason: unknown) => void };

/** Most that share a transaction. */
const mostTogether = 32;

/**
 * `transact` for small transactions of which there are many: one is open at a time, and what comes meanwhile shares the
 * next one, side by side on its connection. So the busier it is, the fewer round trips and commits each of them takes.
 * When one of those that share fails, nothing has happened, and each is done by itself.
 */
export function together(transact: Postgres["transact"]): Postgres["transact"] {
  const waiting: Waiting[] = [];
  let isBusy = false;

  const share = (group: readonly Work[]) =>
    transact(
      async (tx) => {
        // All have come to an end before the first failure is told: what is said to a connection that is rolling back
        // would have its effect, alone.
        const ended = await Promise.allSettled(group.map(({ run }) => run(tx)));
        return ended.map((one) => {
          if (one.status === "rejected") throw one.reason;
          return one.value;
        });
      },
      { handled: group.flatMap(({ handled }) => handled) },
    );

  const alone = async ({ run, handled, resolve, reject }: Waiting) =>
    transact(run, { handled }).then(resolve, reject);

  const drain = async () => {
    // Whatever comes in the same turn of the event loop belongs together.
    await new Promise((resolve) => setImmediate(resolve));
    for (let group = take(); group.length > 0; group = take()) {
      const values = group.length > 1 ? await share(group).catch(() => undefined) : undefined;
      if (values) for (const [at, { resolve }] of group.entries()) resolve(values[at]);
      else await Promise.all(group.map(alone));
    }
  };
  const take = () => waiting.splice(0, mostTogether);

  return async <T>(run: (tx: Tx) => Promise<T>, { handled = [] }: { handled?: readonly string[] } = {}) => {
    const { promise, resolve, reject } = Promise.withResolvers<unknown>();
    waiting.push({ run, handled, resolve, reject });
    if (!isBusy) {
      isBusy = true;
      void drain().finally(() => (isBusy = false));
    }
    return (await promise) as T;
  };
}
