import { idempotent, type Identity, inputHash, keyReused, userError } from "@shop/service";
import { isText } from "@shop/values";
import { z } from "zod";
import type { Deps } from "../deps.ts";
import type { NotCancelled, OrderDecision } from "../domain/index.ts";
import type { MutationOrderCancelArgs } from "../generated/resolvers.ts";
import { isOwn, maySee } from "../visibility.ts";
import { notFound, type OrderPayload } from "./answers.ts";
import { idempotencyKey, inputErrors } from "./read-input.ts";

const form = z.object({
  idempotencyKey,
  reason: z
    .string()
    .trim()
    .max(500, "expected a reason of at most 500 characters")
    .refine(isText, "expected text")
    .nullish(),
});

/**
 * Cancels an order, once per key; inventory and payment then release its stock and money. A confirmed order is cancelled
 * only after shipping has called its parcels off.
 */
export async function cancelOrder(
  { pg, bus, store, tokens }: Deps,
  args: MutationOrderCancelArgs,
  identity: Identity,
): Promise<OrderPayload> {
  const read = form.safeParse(args);
  if (!read.success) return { order: null, userErrors: inputErrors(read.error) };
  const order = await store.find(args.orderId);
  if (!order || !maySee(order, { identity, token: args.token, tokens })) return notFound();
  const reason = read.data.reason || null;
  const claim = {
    caller: identity.kind === "user" ? identity.userId : order.id,
    operation: "orderCancel",
    key: args.idempotencyKey,
    input: { orderId: order.id, reason },
  };
  // Who shows a guest's token has ordered, also once signed in, and though they are of the staff.
  const isTheirs = isOwn(order, identity) || (order.customerId === null && tokens.fits(order.id, args.token));
  const by = isTheirs ? "CUSTOMER" : "STAFF";
  const command = { by, reason, request: inputHash(claim) } as const;
  let outcome = await cancel(false);
  if (outcome === "shipping must be asked") {
    // Outside the transaction, inside which no service may be waited for; a call-off is final.
    const reply = await bus.request("shipping.callOff", { orderId: order.id, ...command }, identity);
    outcome = reply.outcome === "left" ? "too late" : await cancel(true);
  }
  if (outcome === "key reused") return { order, userErrors: [keyReused] };
  const message = "The order has been sent already, or is over.";
  const userErrors = outcome === "cancelled" ? [] : [userError("ORDER_NOT_CANCELLABLE", message)];
  return { order: (await store.find(order.id)) ?? null, userErrors };

  async function cancel(isCalledOff: boolean): Promise<Outcome | "key reused"> {
    const answered = await idempotent<{ outcome: Outcome }>(pg, claim, async (tx) => {
      const { decision } = await store.change(tx, claim.input.orderId, {
        ...{ type: "CancelOrder", ...command, isCalledOff },
      });
      const outcome = outcomeOf(decision);
      return { keep: outcome === "cancelled", answer: { outcome } };
    });
    return answered.reused ? "key reused" : answered.answer.outcome;
  }
}

type Outcome = "cancelled" | "shipping must be asked" | "too late";

function outcomeOf(decision: OrderDecision): Outcome {
  if (decision.outcome === "changed") return "cancelled";
  switch (decision.reason as NotCancelled) {
    case "CANCELLED_AS_ASKED":
      return "cancelled";
    case "SHIPPING_MUST_BE_ASKED":
      return "shipping must be asked";
    case "ALREADY_CANCELLED":
    case "ALREADY_ENDED":
    case "ALREADY_SHIPPED":
      return "too late";
  }
}
