import type { Logger, Postgres, TaskKinds } from "@shop/service";
import { z } from "zod";
import { Counter } from "prom-client";
import { callFor, applyResult } from "./domain/index.ts";
import type { Look } from "./use-cases/settle-books.ts";
import type { Settle } from "./use-cases/settle-intent.ts";
import type { Store } from "./store/payments.ts";
import type { Performer } from "./stripe/perform.ts";

const providerTask = z.object({
  orderId: z.string(),
  attempt: z.int().optional(),
  intentId: z.string().optional(),
});
const settleTask = z.object({ orderId: z.string(), intentId: z.string() });

/**
 * Calls to the provider, after the commit that asked for them: read, ask, report. Whoever dies between the asking and the
 * report asks again, and the provider answers the same.
 */
export function providerTasks(parts: {
  pg: Postgres;
  store: Store;
  perform: Performer;
  settle: Settle;
  look: Look;
  log: Pick<Logger, "error">;
}): TaskKinds {
  const { pg, store, perform, settle, look, log } = parts;
  const call = (kind: "authorize" | "capture" | "undo", concurrency: number): TaskKinds[string] => ({
    concurrency,
    async run({ payload, attempts }) {
      const task = providerTask.parse(payload);
      let known = await store.ofOrder(task.orderId);
      if (known.status === "CLOSING" && known.intentId !== null) {
        // The customer may have passed 3-D Secure since: whether money is held must be known before it is let go.
        await settle(task.orderId, known.intentId);
        known = await store.ofOrder(task.orderId);
      }
      const wanted = callFor(kind, task, known, attempts <= 1);
      if (!wanted) return;
      const answer = "report" in wanted ? wanted.report : await perform(wanted.call, attempts);
      if (answer.kind === "stray-captured") return settle(task.orderId, answer.intentId);
      if (answer.kind === "refund-open") {
        const { orderId } = task;
        const { intentId, failed, isPending } = answer;
        // Nobody else would look again at a stray.
        if (intentId !== known.intentId) throw new Error("a stray intent is not refunded yet");
        if (failed > 0 && !isPending) {
          refundsFailed.inc();
          log.error({ orderId, intentId, failed }, "a refund failed: the customer has not been paid back");
        }
      }
      await pg.transactGrouped("reports", (tx) =>
        store.change(tx, task.orderId, (state) => applyResult(state, answer), known),
      );
    },
  });
  return {
    authorize: call("authorize", 16),
    capture: call("capture", 16),
    undo: call("undo", 8),
    settle: {
      concurrency: 4,
      async run({ payload }) {
        const { orderId, intentId } = settleTask.parse(payload);
        await settle(orderId, intentId);
      },
    },
    look: {
      concurrency: 4,
      async run({ payload }) {
        const { orderId, intentId } = settleTask.parse(payload);
        await look(orderId, intentId);
      },
    },
  };
}

const refundsFailed = new Counter({
  name: "shop_payment_refunds_failed_total",
  help: "Times that a refund was found to have failed, its money not paid back",
});
