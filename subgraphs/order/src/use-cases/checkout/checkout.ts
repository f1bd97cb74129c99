import { type Claim, earlierAnswer, idempotent, type Identity, keyReused } from "@shop/service";
import { newId } from "@shop/values";
import type { Deps } from "../../deps.ts";
import type { Order } from "../../domain/index.ts";
import type { CheckoutInput } from "../../generated/resolvers.ts";
import { place, type Placed, type Placement } from "./place.ts";
import { type NotPrepared, prepare } from "./prepare.ts";
import {
  type CheckoutPayload,
  conflict,
  isOfCaller,
  refused,
  tooManyOpenOrders,
  withOrder,
} from "./present.ts";
import { type CheckoutCommand, readCheckout } from "./read-checkout.ts";

/** The part of a checkout that its idempotency record keeps; the order is read afresh on a replay. */
type Answer = { orderId: string } | Exclude<Placed, { order: Order }>;

/** Turns a cart into an order. Answers as soon as the order is durable; stock and payment follow. */
export async function checkout(
  deps: Deps,
  input: CheckoutInput,
  identity: Identity,
): Promise<CheckoutPayload> {
  const command = readCheckout(input, identity.kind === "guest");
  if (Array.isArray(command)) return refused(...command);
  const { idempotencyKey: key, ...rest } = input;
  const caller = identity.kind === "user" ? identity.userId : command.cartId;
  const claim = { caller, operation: "checkout", key, input: rest };
  if (deps.pace.isBehind()) {
    const replayed = await replay(deps, claim);
    if (replayed) return replayed;
    await deps.pace.admit();
  }
  // Before the transaction, inside which no service may be waited for; a replay needs none of it.
  const prepared = await prepare(deps, command, identity).catch((error: unknown) => error as Error);
  if (!(prepared instanceof Error || "answer" in prepared)) {
    return await placeOnce(deps, claim, { orderId: newId("ord"), command, prepared, identity });
  }
  const replayed = await replay(deps, claim);
  if (replayed) return replayed;
  if (prepared instanceof Error) throw prepared;
  return (await orderOfCartVersion(deps, { command, identity, ...prepared })) ?? prepared.answer;
}

const keyReusedInInput = { ...keyReused, field: ["input", "idempotencyKey"] };

/** The answer of an earlier call under the same key; undefined if there was none. */
async function replay(deps: Deps, claim: Claim): Promise<CheckoutPayload | undefined> {
  const earlier = await earlierAnswer<Answer>(deps.pg, claim);
  if (earlier?.reused) return refused(keyReusedInInput);
  return earlier && "orderId" in earlier.answer ? placedBefore(deps, earlier.answer.orderId) : undefined;
}

async function placeOnce(deps: Deps, claim: Claim, placement: Placement): Promise<CheckoutPayload> {
  const { pg } = deps;
  const { orderId, command, identity } = placement;
  let order: Order | undefined;
  // Checkouts without a payment method wait for locks of other unpaid orders, and must not delay those that pay.
  const transact: typeof pg.transact =
    command.paymentToken === null ? pg.transact : (work) => pg.transactGrouped("checkouts", work);
  const answered = await idempotent<Answer>({ transact }, { ...claim, answer: { orderId } }, async (tx) => {
    const placed = await place(deps, tx, placement);
    if (!("order" in placed)) return { keep: false, answer: placed };
    order = placed.order;
    return { keep: true, answer: { orderId } };
  });
  if (answered.reused) return refused(keyReusedInInput);
  const { answer, replayed } = answered;
  if ("taken" in answer) return conflict(answer.taken, command, identity);
  if ("isOneTooMany" in answer) return refused(tooManyOpenOrders);
  return order && !replayed ? withOrder(order, deps.tokens) : await placedBefore(deps, answer.orderId);
}

/** The order of an earlier call, in its present state. */
async function placedBefore({ store, tokens }: Deps, orderId: string): Promise<CheckoutPayload> {
  const order = await store.find(orderId);
  if (!order) throw new Error(`order ${orderId} was answered before and is gone`);
  return withOrder(order, tokens);
}

/**
 * The obstacle to another order may be the one that the cart became: that holds the last units, or has moved the cart on.
 * Then that order is the answer, by the version that the client insists on, else by the cart's own.
 */
async function orderOfCartVersion(
  { store }: Deps,
  { command, identity, cartVersion }: { command: CheckoutCommand; identity: Identity } & NotPrepared,
): Promise<CheckoutPayload | undefined> {
  const version = command.cartVersion ?? cartVersion;
  if (version === undefined) return undefined;
  const taken = await store.findOfCart(command.cartId, version);
  // Cart gives its version to those alone who may see the cart; others learn nothing of an order that isn't theirs.
  const mayKnow = taken && (cartVersion !== undefined || isOfCaller(taken, identity));
  return mayKnow ? conflict(taken, command, identity) : undefined;
}
