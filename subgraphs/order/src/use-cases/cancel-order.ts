import { idempotent, IdempotencyKeyReused, type Identity, inputHash, userError } from "@shop/service";
import { isText } from "@shop/values";
import { z } from "zod";
import type { CheckoutDoors } from "./checkout/checkout.ts";
import type { NotCancelled, Order, OrderDecision } from "../domain/index.ts";
import type { MutationOrderCancelArgs } from "../generated/resolvers.ts";
import { notFound, type OrderPayload } from "./pay-order.ts";
import { idempotencyKey, refusalsOf } from "./checkout/read-input.ts";
import { isOwn, maySee } from "../visibility.ts";

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
 * Calls an order off, once per key; what was taken for it is given back by those who took it. A confirmed one only after
 * shipping has stopped its parcels.
 */
export async function cancelOrder(
  args: MutationOrderCancelArgs,
  identity: Identity,
  { kit, store, tokens }: CheckoutDoors,
): Promise<OrderPayload> {
  const read = form.safeParse(args);
  if (!read.success) return { order: null, userErrors: refusalsOf(read.error) };
  const order = await store.find(args.orderId);
  if (!order || !maySee(order, { identity, token: args.token, tokens })) return notFound();
  const reason = read.data.reason || null;
  const claim = {
    caller: identity.kind === "user" ? identity.userId : order.id,
    operation: "orderCancel",
    key: args.idempotencyKey,
    input: { orderId: order.id, reason },
  };
  const by = isTheirs(order, identity) ? "CUSTOMER" : "STAFF";
  const wish = { by, reason, request: inputHash(claim) } as const;
  try {
    let outcome = await cancel(false);
    if (outcome === "shipping must be asked") {
      // Nothing may be waited for inside a transaction, and what shipping has stopped stays so.
      const stopped = await kit.bus.request("shipping.callOff", { orderId: order.id, ...wish }, identity);
      outcome = stopped.outcome === "left" ? "too late" : await cancel(true);
    }
    const message = "The order has been sent already, or is over.";
    const userErrors = outcome === "cancelled" ? [] : [userError("ORDER_NOT_CANCELLABLE", message)];
    return { order: (await store.find(order.id)) ?? null, userErrors };
  } catch (error) {
    if (error instanceof IdempotencyKeyReused) return { order, userErrors: [error.userError] };
    throw error;
  }

  async function cancel(isCalledOff: boolean): Promise<Outcome> {
    const { answer } = await idempotent<{ outcome: Outcome }>(kit.pg, claim, async (tx) => {
      const { decision } = await store.change(tx, claim.input.orderId, {
        ...{ type: "CancelOrder", ...wish, isCalledOff },
      });
      const outcome = outcomeOf(decision);
      return { keep: outcome === "cancelled", answer: { outcome } };
    });
    return answer.outcome;
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

/** A guest who may see it has shown its token. */
function isTheirs(order: Order, identity: Identity): boolean {
  return identity.kind === "guest" || isOwn(order, identity);
}
