import { Counter } from "prom-client";
import type { Deps } from "../deps.ts";
import { applyResult, callFor, type Call, type TaskPayload } from "../domain/index.ts";
import { perform } from "../stripe/perform.ts";
import { settleIntent } from "./settle-intent.ts";
import { settleBooksTask } from "./settle-tasks.ts";
import { winAndCapture } from "./win-order.ts";

/**
 * Makes the call that a task is for, and applies its result to the payment. A process that dies between the call and its
 * result leaves the task: the next try makes the same call, and the provider answers the same.
 */
export async function callProvider(
  deps: Deps,
  op: Call["op"],
  task: TaskPayload,
  tries: number,
): Promise<void> {
  const { pg, store, log } = deps;
  const { orderId } = task;
  let known = await store.ofOrder(orderId);
  if (known.status === "CLOSING" && known.intentId !== null) {
    // The customer may have passed 3-D Secure meanwhile: whether money is held must be known before it is released.
    await settleIntent(deps, orderId, known.intentId);
    known = await store.ofOrder(orderId);
  }
  const wanted = callFor(op, task, known, tries <= 1);
  if (!wanted) return;
  const answer = "result" in wanted ? wanted.result : await perform(deps, wanted.call, tries);
  const result = await winAndCapture(deps, known, answer, tries);
  if (result.kind === "stray-captured") return settleIntent(deps, orderId, result.intentId);
  if (result.kind === "refund-open") {
    const { intentId, failed, isPending } = result;
    // The reconciler doesn't poll the refund of a stray: only this task tries again.
    if (intentId !== known.intentId) throw new Error("a stray intent is not refunded yet");
    if (failed > 0 && !isPending) {
      refundsFailed.inc();
      log.error({ orderId, intentId, failed }, "a refund failed: the customer has not been paid back");
    }
  }
  await pg.transactGrouped("call results", async (tx) => {
    const { outcome } = await store.change(tx, orderId, (state) => applyResult(state, result), known);
    // An earlier try may have captured, and the refund or dispute of an intent that was not known yet is dropped.
    if (outcome === "changed" && op === "authorize" && result.kind === "captured" && tries > 1) {
      const { intentId } = result;
      settleBooksTask.enqueue(tx, { orderId, intentId }, { id: `settle-books:${intentId}` });
    }
  });
}

const refundsFailed = new Counter({
  name: "shop_payment_refunds_failed_total",
  help: "Times that a refund was found to have failed, its money not paid back",
});
