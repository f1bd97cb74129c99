import { backoffMs } from "../runtime/backoff.ts";
import { createWakeup, pollLoop } from "../runtime/poll-loop.ts";
import { leaseS } from "../postgres/outbox.ts";
import type { Postgres, TaskLeaser } from "../postgres/transaction.ts";
import type { Logger } from "../runtime/telemetry.ts";

/** A task that is due. It may run more than once: after a crash, or when its worker lost the database for 15 s. */
export type Task = { id: string; kind: string; payload: unknown; attempts: number };

/** The work of a kind of task; throwing tries again after 100 ms doubling to 10 s, for ever. */
export type TaskKinds = Record<string, { run: (task: Task) => Promise<void>; concurrency?: number }>;

const renewEveryMs = 5_000;
/** How often tasks are looked for when nothing was enqueued here. */
const pollMs = 250;

/**
 * Runs due tasks, each kind with its own concurrency (default 4). A task that is enqueued here is
 * leased in its transaction and begun at the commit, while its kind has a free slot; tasks that are due later, or were left by
 * another instance, are begun within 250 ms.
 */
export function startTasks({
  pg,
  kinds,
  log,
  signal,
}: {
  pg: Postgres;
  kinds: TaskKinds;
  log: Logger;
  signal: AbortSignal;
}): { poke: () => void; running: Promise<void> } {
  const wakeup = createWakeup();
  const { wake, wait } = wakeup;
  const names = Object.keys(kinds);
  if (names.length === 0) return { poke: wake, running: Promise.resolve() };
  const inFlight = new Map(names.map((kind) => [kind, new Set<Promise<void>>()]));
  // Slots for the tasks of open transactions, and of a claim under way.
  const reservedSlots = new Map(names.map((kind) => [kind, 0]));
  const reserve = (kind: string, more: number) =>
    reservedSlots.set(kind, (reservedSlots.get(kind) ?? 0) + more);
  const finished: string[] = [];
  // Kinds whose slots a claim has filled: more may be due, so the end of a task wakes the poll.
  const full = new Set<string>();

  const freeOf = (kind: string) =>
    (kinds[kind]?.concurrency ?? 4) - (inFlight.get(kind)?.size ?? 0) - (reservedSlots.get(kind) ?? 0);

  const begin = (task: Task) => {
    const mine = inFlight.get(task.kind);
    const work = finish(task).finally(() => {
      mine?.delete(work);
      if (full.has(task.kind)) wake();
    });
    mine?.add(work);
  };

  const lease: TaskLeaser = (tasks) => {
    const taken = tasks.filter(({ kind, inSeconds }) => {
      const mayBegin = inSeconds === 0 && inFlight.has(kind) && freeOf(kind) > 0 && !signal.aborted;
      if (mayBegin) reserve(kind, 1);
      return mayBegin;
    });
    const ids = new Set(taken.map(({ id }) => id));
    const settle = (written: ReadonlySet<string>) => {
      for (const { id, kind, payload } of taken.splice(0)) {
        reserve(kind, -1);
        if (written.has(id)) begin({ id, kind, payload, attempts: 1 });
      }
    };
    return { ids, settle };
  };
  pg.leaseTasks(lease);

  const poll = async () => {
    const limits = names.map((kind) => Math.max(0, freeOf(kind)));
    for (const [at, kind] of names.entries()) reserve(kind, limits[at] ?? 0);
    const ended = finished.splice(0);
    let due: Task[];
    try {
      due = await claim(pg, names, limits, ended);
    } catch (error) {
      finished.push(...ended);
      throw error;
    } finally {
      // Release and fill slots in the same tick, so that no other claim gets between.
      for (const [at, kind] of names.entries()) reserve(kind, -(limits[at] ?? 0));
    }
    full.clear();
    for (const task of due) begin(task);
    for (const [at, kind] of names.entries()) {
      if (due.filter((task) => task.kind === kind).length < (limits[at] ?? 0)) continue;
      full.add(kind);
      // A slot became free during the query.
      if (freeOf(kind) > 0) wake();
    }
  };

  const finish = async (task: Task): Promise<void> => {
    const renewing = setInterval(() => void renew(pg, task), renewEveryMs);
    try {
      await kinds[task.kind]?.run(task);
      finished.push(task.id);
    } catch (error) {
      const { id, kind, attempts } = task;
      const delayS = backoffMs(attempts, 100, 10_000) / 1_000;
      log.warn({ err: error, kind, id, attempts }, "a task failed; it will be tried again");
      await pg.sql`
        update tasks set run_at = now() + ${delayS} * interval '1 second', locked_until = null, error = ${String(error)}
        where id = ${id} and attempts = ${attempts}`.catch((cause: unknown) =>
        // The lease ends by itself.
        log.warn({ err: cause, kind, id }, "a task's failure could not be noted"),
      );
    } finally {
      clearInterval(renewing);
    }
  };

  const onError = (error: unknown) => log.warn({ err: error }, "tasks could not be claimed; trying again");
  const backoff = { firstMs: 100, maxMs: 2_000, isWakeable: true };
  const polling = pollLoop({ everyMs: pollMs, signal, wakeup, backoff, onError }, poll);
  const drain = async () => {
    await polling.running;
    while (names.some((kind) => freeOf(kind) < (kinds[kind]?.concurrency ?? 4))) {
      const tasks = [...inFlight.values()].flatMap((some) => [...some]);
      if (tasks.length > 0) await Promise.allSettled(tasks);
      else await wait(pollMs);
    }
    if (finished.length > 0) await claim(pg, [], [], finished);
  };
  return { poke: wake, running: drain() };
}

/** Renews the lease, unless another worker has claimed the task since. */
async function renew(pg: Postgres, { id, attempts }: Task): Promise<void> {
  await pg.sql`
    update tasks set locked_until = now() + ${leaseS} * interval '1 second'
    where id = ${id} and attempts = ${attempts}`.catch(() => undefined);
}

/**
 * Deletes what is finished and takes what is due, up to a limit for each kind, in one statement. The rows are chosen in a
 * materialized part: as a plain subquery the planner may run it again for each row of `tasks`, and each run passes over the
 * rows that the last one locked, so that more are taken than the limit.
 */
async function claim(pg: Postgres, kinds: string[], limits: number[], finished: string[]): Promise<Task[]> {
  return pg.sql<Task[]>`
    with deleted as (delete from tasks where id = any(${finished})),
    chosen as materialized (
      select due.id from unnest(${kinds}::text[], ${limits}::int[]) as wanted (kind, slots)
      cross join lateral (
        select id from tasks
        where kind = wanted.kind and greatest(run_at, coalesce(locked_until, run_at)) <= now() and id <> all(${finished})
        order by greatest(run_at, coalesce(locked_until, run_at)) limit wanted.slots
        for update skip locked
      ) as due
    )
    update tasks set locked_until = now() + ${leaseS} * interval '1 second', attempts = attempts + 1
    where id in (select id from chosen)
    returning id, kind, payload, attempts`;
}
