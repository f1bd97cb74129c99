import { closeDispute, dispute, type Dispute } from "../dispute.ts";
import { nested, text } from "../form.ts";
import { newId } from "../new-id.ts";
import { limitOf, page } from "../paging.ts";
import type { Intent } from "../payment-intent.ts";
import { noSuch } from "../stripe-error.ts";
import { intentOf, type RouteDeps, type Routes } from "./route.ts";

const outcomes: Record<string, string> = { winning_evidence: "won", losing_evidence: "lost" };

/** Disputes: opened by a card or by a test; decided by evidence as in Stripe's test mode, or by a test. */
export function disputeRoutes({ store, emit }: Pick<RouteDeps, "store" | "emit">): Routes {
  function disputeOf(id: string): Dispute {
    const found = store.dispute(id);
    if (!found) throw noSuch("dispute", id);
    return found;
  }
  function close(id: string, outcome: string | undefined): Dispute {
    const closed = closeDispute(disputeOf(id), outcome);
    store.saveDispute(closed);
    emit("charge.dispute.closed", closed);
    return closed;
  }

  return {
    "GET /v1/disputes": {
      accepts: ["payment_intent", "limit", "starting_after"],
      handle({ params }) {
        const all = store.disputesOf(text(params, "payment_intent"));
        const after = all.findIndex(({ id }) => id === text(params, "starting_after"));
        return page("/v1/disputes", all.slice(after + 1), limitOf(params));
      },
    },
    "GET /v1/disputes/:id": { accepts: [], handle: ({ id }) => disputeOf(id) },
    "POST /v1/disputes/:id": {
      accepts: ["evidence", "submit", "metadata"],
      handle({ id, params }) {
        const evidence = text(nested(params, "evidence"), "uncategorized_text");
        const outcome = outcomes[evidence ?? ""];
        return outcome ? close(id, outcome) : disputeOf(id);
      },
    },
    "POST /v1/disputes/:id/close": { accepts: [], handle: ({ id }) => close(id, "lost") },
    "POST /v1/test/disputes/:id/close": {
      accepts: ["outcome"],
      handle: ({ id, params }) => close(id, text(params, "outcome")),
    },
    "POST /v1/test/payment_intents/:id/dispute": {
      accepts: ["reason"],
      handle({ id, params, now }) {
        const reason = text(params, "reason") ?? "fraudulent";
        return openDispute({ store, emit }, intentOf(store, id), reason, now);
      },
    },
  };
}

export function openDispute(
  { store, emit }: Pick<RouteDeps, "store" | "emit">,
  intent: Intent,
  reason: string,
  created: number,
): Dispute {
  const opened = dispute(intent, store.disputesOf(intent.id), { id: newId("dp"), reason, created });
  store.saveDispute(opened);
  emit("charge.dispute.created", opened);
  return opened;
}
