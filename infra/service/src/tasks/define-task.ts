import type { z } from "zod";
import type { Tx } from "../postgres/transaction.ts";
import type { Task, TaskKinds } from "./task-queue.ts";

type When = Parameters<Tx["enqueue"]>[2];

/** A kind of task and the schema of its payload: what enqueues it is type-checked, what runs it gets a parsed payload. */
export function defineTask<Schema extends z.ZodType>(kind: string, schema: Schema) {
  return {
    /** Enqueues one, see `Tx.enqueue`. */
    enqueue: (tx: Pick<Tx, "enqueue">, payload: z.input<Schema>, when?: When): void =>
      tx.enqueue(kind, payload, when),
    /** The entry of a service's `tasks`; `concurrency`: tasks of this kind that run at a time in a process, default 4. */
    runs(
      run: (payload: z.output<Schema>, task: Task) => Promise<void>,
      options: { concurrency?: number } = {},
    ): TaskKinds {
      return { [kind]: { ...options, run: (task) => run(schema.parse(task.payload), task) } };
    },
  };
}
