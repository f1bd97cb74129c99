import { idempotent, type Identity, keyReused } from "@shop/service";
import { z } from "zod";
import type { Deps } from "../deps.ts";
import type { MutationOrderPayArgs } from "../generated/resolvers.ts";
import { payerOf, refuseTooManyDeclines } from "../store/declines.ts";
import { maySee } from "../visibility.ts";
import { notFound, notPayable, type OrderPayload } from "./answers.ts";
import { awaitPayment } from "./await-payment.ts";
import { idempotencyKey, inputErrors, paymentMethod } from "./read-input.ts";

type Attempted = { attempt: number | null; reason?: string };

const form = z.object({ paymentMethod, idempotencyKey });

/** Requests a (further) payment, once per key, and waits up to 5 s for its outcome. */
export async function payOrder(
  deps: Deps,
  args: MutationOrderPayArgs,
  identity: Identity,
): Promise<OrderPayload> {
  const { pg, store, tokens, sealFor } = deps;
  const read = form.safeParse(args);
  if (!read.success) return { order: null, userErrors: inputErrors(read.error) };
  const order = await store.find(args.orderId);
  if (!order || !maySee(order, { identity, token: args.token, tokens })) return notFound();
  const paymentToken = read.data.paymentMethod.token;
  const payer = payerOf(identity);
  const claim = {
    caller: identity.kind === "user" ? identity.userId : order.id,
    operation: "orderPay",
    key: args.idempotencyKey,
    input: { orderId: order.id, paymentToken },
  };
  const answered = await idempotent<Attempted>(pg, claim, async (tx) => {
    refuseTooManyDeclines(await store.declineWait(tx, payer));
    const { decision } = await store.change(tx, order.id, {
      type: "PayOrder",
      paymentToken: sealFor("payment", paymentToken),
      client: payer.client ?? undefined,
      payerId: payer.customerId,
    });
    if (decision.outcome === "ignored") {
      return { keep: false, answer: { attempt: null, reason: decision.reason } };
    }
    return { keep: true, answer: { attempt: decision.state.progress.attempt } };
  });
  if (answered.reused) return { order, userErrors: [keyReused] };
  const { answer } = answered;
  if (answer.attempt !== null) return await awaitPayment(deps, order.id, answer.attempt);
  const message =
    answer.reason === "TOO_MANY_ATTEMPTS"
      ? "So many attempts to pay this order have failed that it takes no more. Order again to pay."
      : "The order is paid already, has expired, or can't be paid any more.";
  return notPayable((await store.find(order.id)) ?? null, message);
}
