import { backoffMs, bell } from "./backoff.ts";
import type { Postgres } from "./postgres.ts";
import type { Logger } from "./telemetry.ts";

/** A task that is due. It may run more than once: after a crash, or when its worker lost the database for 15 s. */
export type Task = { id: string; kind: string; payload: unknown; attempts: number };

/** What is done for a kind of task; throwing tries again after 100 ms doubling to 10 s, for ever. */
export type TaskKinds = Record<string, { run: (task: Task) => Promise<void>; concurrency?: number }>;

/** How long a task is its worker's alone, unless renewed: short, so that what a killed worker held is soon taken up. */
const leaseS = 15;
const renewEveryMs = 5_000;
/** How late a timer may ring: how often tasks are looked for when nothing was enqueued here. */
const pollMs = 250;

/** Runs due tasks, each kind with its own concurrency (4 unless told), and looks for more whenever one is enqueued or done. */
export function startTasks(input: { pg: Postgres; kinds: TaskKinds; log: Logger; signal: AbortSignal }): {
  poke: () => void;
  running: Promise<void>[];
} {
  const bells = Object.keys(input.kinds).map((kind) => ({ kind, ...bell() }));
  const poke = () => {
    for (const { ring } of bells) ring();
  };
  input.signal.addEventListener("abort", poke, { once: true });
  return { poke, running: bells.map(({ kind, ring, wait }) => runKind(kind, { ring, wait }, input)) };
}

async function runKind(
  kind: string,
  { ring, wait }: ReturnType<typeof bell>,
  { pg, kinds, log, signal }: Parameters<typeof startTasks>[0],
): Promise<void> {
  const { run, concurrency = 4 } = kinds[kind] ?? { run: () => Promise.reject(new Error("unknown kind")) };
  const inFlight = new Set<Promise<void>>();
  let finished: string[] = [];
  let failures = 0;
  while (!signal.aborted) {
    const free = concurrency - inFlight.size;
    const ended = finished;
    finished = [];
    try {
      const due = await claim(pg, kind, free, ended);
      for (const task of due) {
        const work = finish(task).finally(() => {
          inFlight.delete(work);
          ring();
        });
        inFlight.add(work);
      }
      failures = 0;
      if (due.length < free || free === 0) await wait(pollMs);
    } catch (error) {
      failures++;
      finished.push(...ended);
      log.warn({ err: error, kind }, "tasks could not be claimed; trying again");
      await wait(backoffMs(failures, 100, 2_000));
    }
  }
  await Promise.allSettled(inFlight);
  if (finished.length > 0) await claim(pg, kind, 0, finished);

  async function finish(task: Task): Promise<void> {
    const renewing = setInterval(() => void renew(pg, task), renewEveryMs);
    try {
      await run(task);
      finished.push(task.id);
    } catch (error) {
      const delayS = backoffMs(task.attempts, 100, 10_000) / 1_000;
      log.warn(
        { err: error, kind, id: task.id, attempts: task.attempts },
        "a task failed; it will be tried again",
      );
      await pg.sql`
        update tasks set run_at = now() + ${delayS} * interval '1 second', locked_until = null, error = ${String(error)}
        where id = ${task.id}`.catch(() => undefined);
    } finally {
      clearInterval(renewing);
    }
  }
}

/** Not when somebody else has claimed it since. */
async function renew(pg: Postgres, { id, attempts }: Task): Promise<void> {
  await pg.sql`
    update tasks set locked_until = now() + ${leaseS} * interval '1 second'
    where id = ${id} and attempts = ${attempts}`.catch(() => undefined);
}

/** Lets go of what is finished and takes what is due, in one statement. */
async function claim(pg: Postgres, kind: string, limit: number, finished: string[]): Promise<Task[]> {
  return pg.sql<Task[]>`
    with gone as (delete from tasks where id = any(${finished}))
    update tasks set locked_until = now() + ${leaseS} * interval '1 second', attempts = attempts + 1
    where id in (
      select id from tasks
      where kind = ${kind} and greatest(run_at, coalesce(locked_until, run_at)) <= now() and id <> all(${finished})
      order by greatest(run_at, coalesce(locked_until, run_at)) limit ${limit}
      for update skip locked
    )
    returning id, kind, payload, attempts`;
}
