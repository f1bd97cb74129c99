import type { HandledEvent, Postgres, Tx } from "./transaction.ts";

type Work = { run: (tx: Tx) => Promise<unknown>; handled: readonly HandledEvent[] };
type Waiting = Work & { resolve: (value: unknown) => void; reject: (reason: unknown) => void };

const maxGroupSize = 32;
/** A row that is locked for longer is waited for alone, so that it stops no other member. */
const lockTimeoutMs = 200;

/**
 * `transact` for small transactions of which there are many: of each kind one is open at a time, and what comes meanwhile
 * shares the next one, side by side on its connection. So the busier it is, the fewer round trips and commits each of them
 * takes. When one member of a group fails, nothing has happened, and each is run by itself. Where the connection is lost at
 * COMMIT, it may have happened: each is run by itself all the same, and may find its own effect there. So the work
 * decides by what it reads under its locks; a second run of an event or an idempotency key is refused by their rows.
 */
export function groupCommit(transact: Postgres["transact"]): Postgres["transactGrouped"] {
  const queues = new Map<string, Postgres["transact"]>();
  return (kind, run, options) => {
    const queue = queues.get(kind) ?? openQueue(transact);
    queues.set(kind, queue);
    return queue(run, options);
  };
}

function openQueue(transact: Postgres["transact"]): Postgres["transact"] {
  const waiting: Waiting[] = [];
  let isBusy = false;

  const share = (group: readonly Work[]) =>
    transact(
      async (tx) => {
        // All members settle before the first failure is thrown: a statement sent to a connection that is rolling back
        // would take effect outside the transaction.
        const ended = await Promise.allSettled(group.map(({ run }) => run(tx)));
        return ended.map((one) => {
          if (one.status === "rejected") throw one.reason;
          return one.value;
        });
      },
      { handled: group.flatMap(({ handled }) => handled), lockTimeoutMs },
    );

  const drain = async () => {
    // All that comes in the same turn of the event loop is one group.
    await new Promise((resolve) => setImmediate(resolve));
    for (;;) {
      const group = waiting.splice(0, maxGroupSize);
      if (group.length === 0) return void (isBusy = false);
      // The member that failed the group fails again alone, and gets its own error.
      const values = group.length > 1 ? await share(group).catch(() => undefined) : undefined;
      if (values) for (const [at, { resolve }] of group.entries()) resolve(values[at]);
      else await anyOrSoon(group.map(alone));
    }
  };

  /** Members that run alone may take long: the next group waits for them only as long as it would for a lock. */
  const anyOrSoon = async (ends: Promise<void>[]) => {
    const { promise, resolve } = Promise.withResolvers<void>();
    const timer = setTimeout(resolve, lockTimeoutMs);
    await Promise.race([Promise.all(ends), promise]);
    clearTimeout(timer);
  };
  const alone = ({ run, handled, resolve, reject }: Waiting) =>
    transact(run, { handled }).then(resolve, reject);

  return async <T>(
    run: (tx: Tx) => Promise<T>,
    { handled = [] }: { handled?: readonly HandledEvent[] } = {},
  ) => {
    const { promise, resolve, reject } = Promise.withResolvers<unknown>();
    waiting.push({ run, handled, resolve, reject });
    if (!isBusy) {
      isBusy = true;
      void drain();
    }
    return (await promise) as T;
  };
}
