import type { TaskKinds } from "@shop/service";
import { z } from "zod";
import type { Deps } from "./deps.ts";
import type { Call } from "./domain/index.ts";
import { callProvider } from "./use-cases/call-provider.ts";
import { settleBooks } from "./use-cases/settle-books.ts";
import { settleIntent } from "./use-cases/settle-intent.ts";

const callTask = z.object({
  orderId: z.string(),
  attempt: z.int().optional(),
  intentId: z.string().optional(),
});
const settleTask = z.object({ orderId: z.string(), intentId: z.string() });

/** The tasks: calls to the provider, each after the commit that needs it. */
export function tasks(deps: Deps): TaskKinds {
  const call = (op: Call["op"], concurrency: number): TaskKinds[string] => ({
    concurrency,
    run: ({ payload, attempts }) => callProvider(deps, op, callTask.parse(payload), attempts),
  });
  const settling = (
    settle: (deps: Deps, orderId: string, intentId: string) => Promise<void>,
  ): TaskKinds[string] => ({
    concurrency: 4,
    async run({ payload }) {
      const { orderId, intentId } = settleTask.parse(payload);
      await settle(deps, orderId, intentId);
    },
  });
  return {
    authorize: call("authorize", 16),
    capture: call("capture", 16),
    undo: call("undo", 8),
    "settle-intent": settling(settleIntent),
    "settle-books": settling(settleBooks),
  };
}
