import { closeDispute, dispute, type Dispute } from "./dispute.ts";
import { nested, text } from "./form.ts";
import { newId } from "./new-id.ts";
import type { Intent } from "./payment-intent.ts";
import { limitOf, page } from "./paging.ts";
import { noSuch } from "./problem.ts";
import type { Route } from "./routes.ts";
import type { Store } from "./store.ts";

type Doors = {
  store: Store;
  announce: (type: string, object: object, nowMs: number) => void;
  intentOf: (id: string) => Intent;
};

/** Disputes: made by a card that does so, or by a test; decided by evidence as in Stripe's test mode, or by a test. */
export function disputeRoutes({ store, announce, intentOf }: Doors): Record<string, Route> {
  function found(id: string): Dispute {
    const one = store.dispute(id);
    if (!one) throw noSuch("dispute", id);
    return one;
  }
  function close(id: string, outcome: string | undefined, nowMs: number): Dispute {
    const closed = closeDispute(found(id), outcome);
    store.keepDispute(closed);
    announce("charge.dispute.closed", closed, nowMs);
    return closed;
  }

  return {
    "GET /v1/disputes": {
      accepts: ["payment_intent", "limit", "starting_after"],
      act({ params }) {
        const all = store.disputesOf(text(params, "payment_intent"));
        const after = all.findIndex(({ id }) => id === text(params, "starting_after"));
        return page("/v1/disputes", all.slice(after + 1), limitOf(params));
      },
    },
    "GET /v1/disputes/:id": { accepts: [], act: ({ id }) => found(id) },
    "POST /v1/disputes/:id": {
      accepts: ["evidence", "submit", "metadata"],
      act({ id, params, nowMs }) {
        const evidence = text(nested(params, "evidence"), "uncategorized_text");
        const outcomes: Record<string, string> = { winning_evidence: "won", losing_evidence: "lost" };
        const outcome = outcomes[evidence ?? ""];
        return outcome ? close(id, outcome, nowMs) : found(id);
      },
    },
    "POST /v1/disputes/:id/close": { accepts: [], act: ({ id, nowMs }) => close(id, "lost", nowMs) },
    "POST /v1/test/disputes/:id/close": {
      accepts: ["outcome"],
      act: ({ id, params, nowMs }) => close(id, text(params, "outcome"), nowMs),
    },
    "POST /v1/test/payment_intents/:id/dispute": {
      accepts: ["reason"],
      act: ({ id, params, nowMs }) =>
        openDispute({ store, announce }, intentOf(id), text(params, "reason") ?? "fraudulent", nowMs),
    },
  };
}

export function openDispute(
  { store, announce }: Pick<Doors, "store" | "announce">,
  intent: Intent,
  reason: string,
  nowMs: number,
): Dispute {
  const created = Math.floor(nowMs / 1000);
  const made = dispute(intent, store.disputesOf(intent.id), { id: newId("dp"), reason, created });
  store.keepDispute(made);
  announce("charge.dispute.created", made, nowMs);
  return made;
}
