import { idempotent, IdempotencyKeyReused, type Identity, userError } from "@shop/service";
import { isText } from "@shop/values";
import { z } from "zod";
import type { CheckoutDoors } from "./checkout.ts";
import type { Order } from "./domain/index.ts";
import type { MutationOrderCancelArgs } from "./generated/resolvers.ts";
import { notFound, type OrderPayload } from "./pay.ts";
import { idempotencyKey, refusalsOf } from "./read-checkout.ts";
import { isOwn, maySee } from "./visibility.ts";

const form = z.object({
  idempotencyKey,
  reason: z
    .string()
    .trim()
    .max(500, "expected a reason of at most 500 characters")
    .refine(isText, "expected text")
    .nullish(),
});

/** Calls an order off, once per key; what was taken for it is given back by those who took it. */
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
  try {
    const { answer } = await idempotent<{ isCancelled: boolean }>(kit.pg, claim, async (tx) => {
      const { decision } = await store.change(tx, order.id, { type: "CancelOrder", by, reason });
      const isCancelled = decision.outcome === "changed";
      return { keep: isCancelled, answer: { isCancelled } };
    });
    const message = "The order has been sent already, or is over.";
    const userErrors = answer.isCancelled ? [] : [userError("ORDER_NOT_CANCELLABLE", message)];
    return { order: (await store.find(order.id)) ?? null, userErrors };
  } catch (error) {
    if (error instanceof IdempotencyKeyReused) return { order, userErrors: [error.userError] };
    throw error;
  }
}

/** A guest who may see it has shown its token. */
function isTheirs(order: Order, identity: Identity): boolean {
  return identity.kind === "guest" || isOwn(order, identity);
}
