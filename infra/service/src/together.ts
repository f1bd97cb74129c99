import type { HandledEvent } from "./outbox.ts";
import type { Postgres, Tx } from "./postgres.ts";

type Work = { run: (tx: Tx) => Promise<unknown>; handled: readonly HandledEvent[] };
type Waiting = Work & { resolve: (value: unknown) => void; reject: (reason: unknown) => void };

/** Most that share a transaction. */
const mostTogether = 32;
/** A row that somebody holds for longer is waited for alone, so that it stops no other. */
const lockTimeoutMs = 200;

/**
 * `transact` for small transactions of which there are many: of each kind one is open at a time, and what comes meanwhile
 * shares the next one, side by side on its connection. So the busier it is, the fewer round trips and commits each of them
 * takes. When one of those that share fails, nothing has happened, and each is done by itself.
 */
export function together(transact: Postgres["transact"]): Postgres["transactTogether"] {
  const doors = new Map<string, Postgres["transact"]>();
  return (kind, run, options) => {
    const door = doors.get(kind) ?? openDoor(transact);
    doors.set(kind, door);
    return door(run, options);
  };
}

function openDoor(transact: Postgres["transact"]): Postgres["transact"] {
  const waiting: Waiting[] = [];
  let isBusy = false;

  const share = (group: readonly Work[]) =>
    transact(
      async (tx) => {
        const impatient = tx.sql`select set_config('lock_timeout', ${`${lockTimeoutMs}ms`}, true)`;
        // All have come to an end before the first failure is told: what is said to a connection that is rolling back
        // would have its effect, alone.
        const ended = await Promise.allSettled([impatient, ...group.map(({ run }) => run(tx))]);
        return ended.slice(1).map((one) => {
          if (one.status === "rejected") throw one.reason;
          return one.value;
        });
      },
      { handled: group.flatMap(({ handled }) => handled) },
    );

  const drain = async () => {
    // Whatever comes in the same turn of the event loop belongs together.
    await new Promise((resolve) => setImmediate(resolve));
    for (;;) {
      const group = waiting.splice(0, mostTogether);
      if (group.length === 0) return void (isBusy = false);
      // Whatever made the group fail is met again, and told, by whom it concerns.
      const values = group.length > 1 ? await share(group).catch(() => undefined) : undefined;
      if (values) for (const [at, { resolve }] of group.entries()) resolve(values[at]);
      else await anyOrSoon(group.map(alone));
    }
  };

  /** Those that are alone may take long: the next group waits for them only as long as it would for a lock. */
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
