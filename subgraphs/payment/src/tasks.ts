import { defineTask, type TaskKinds } from "@shop/service";
import { z } from "zod";
import type { Deps } from "./deps.ts";
import type { Call } from "./domain/index.ts";
import { callProvider } from "./use-cases/call-provider.ts";
import { settleBooks } from "./use-cases/settle-books.ts";
import { settleIntent } from "./use-cases/settle-intent.ts";
import { settleBooksTask, settleIntentTask } from "./use-cases/settle-tasks.ts";

const callTask = z.object({
  orderId: z.string(),
  attempt: z.int().optional(),
  intentId: z.string().optional(),
});

/** The tasks: calls to the provider, each after the commit that needs it. */
export function tasks(deps: Deps): TaskKinds {
  const call = (op: Call["op"], concurrency: number) =>
    defineTask(op, callTask).runs((task, { attempts }) => callProvider(deps, op, task, attempts), {
      concurrency,
    });
  return {
    // Each also waits for order's reply, and captures.
    ...call("authorize", 32),
    ...call("capture", 16),
    ...call("undo", 8),
    ...settleIntentTask.runs(({ orderId, intentId }) => settleIntent(deps, orderId, intentId)),
    ...settleBooksTask.runs(({ orderId, intentId }) => settleBooks(deps, orderId, intentId)),
  };
}
