import type { PostalAddress, Quote, RequestReply } from "@shop/events";
import {
  earlierAnswer,
  idempotent,
  IdempotencyKeyReused,
  type Identity,
  type Kit,
  userError,
} from "@shop/service";
import { isSameMoney, newId, normalEmail, whyNotPayable } from "@shop/values";
import type { Order } from "../../domain/index.ts";
import type { CheckoutInput, ResolversTypes } from "../../generated/resolvers.ts";
import { payerOf, refuseCardTester } from "../../store/declines.ts";
import { orderNumber } from "./order-number.ts";
import type { OrderTokens } from "../../order-token.ts";
import { readCheckout, type Refusal, type Wish } from "./read-input.ts";
import type { Store } from "../../store/store.ts";
import { isOwn } from "../../visibility.ts";

type Problem = Awaited<ResolversTypes["CheckoutProblem"]>;
type Payload = { order: Order | null; orderToken: string | null; problems: Problem[]; userErrors: Refusal[] };
type Ready = { quote: Quote; email: string; address: PostalAddress };
type Taken = { taken: Order };
type TooMany = { isOneTooMany: true };
type Placed = { orderId: string } | Taken | TooMany;

export type CheckoutDoors = {
  kit: Pick<Kit<unknown>, "pg" | "bus" | "sealFor">;
  store: Store;
  tokens: OrderTokens;
};

/** Numbers are random; this many in a row being taken means something else is wrong. */
const mostNumbers = 5;

/** Turns a cart into an order. Answers as soon as that is durable; stock and payment follow. */
export async function checkout(
  input: CheckoutInput,
  identity: Identity,
  doors: CheckoutDoors,
): Promise<Payload> {
  const wish = readCheckout(input, identity.kind === "guest");
  if (Array.isArray(wish)) return refused(...wish);
  const { idempotencyKey: key, ...rest } = input;
  const caller = identity.kind === "user" ? identity.userId : wish.cartId;
  const orderId = newId("ord");
  const claim = { caller, operation: "checkout", key, input: rest };
  const { pg } = doors.kit;
  try {
    // Asked first, since nothing may be waited for inside the transaction; a replay needs none of it.
    const ready = await prepare(wish, identity, doors).catch((error: unknown) => error as Error);
    if (ready instanceof Error || "problems" in ready) {
      const earlier = await earlierAnswer<Placed>(pg, claim);
      if (earlier && "orderId" in earlier) return await answer(earlier.orderId, doors);
      if (ready instanceof Error) throw ready;
      return (await soldAlready(wish, identity, doors.store)) ?? ready;
    }
    let order: Order | undefined;
    // What waits for others' unpaid orders must not hold up those that pay.
    const transact: typeof pg.transact =
      wish.paymentToken === null ? pg.transact : (work) => pg.transactGrouped("checkouts", work);
    const { answer: placed, replayed } = await idempotent<Placed>(
      { transact },
      { ...claim, answer: { orderId } },
      async (tx) => {
        const result = await place(tx, orderId, wish, ready, identity, doors);
        if (!("order" in result)) return { keep: false, answer: result };
        order = result.order;
        return { keep: true, answer: { orderId } };
      },
    );
    if ("taken" in placed) return conflict(placed.taken, wish, identity);
    if ("isOneTooMany" in placed) return refused(tooManyOpenOrders);
    return order && !replayed ? shown(order, doors) : await answer(placed.orderId, doors);
  } catch (error) {
    if (error instanceof IdempotencyKeyReused)
      return refused({ ...error.userError, field: ["input", "idempotencyKey"] });
    throw error;
  }
}

/** Everything that others must say first: who and where the customer is, and what the cart costs now. */
async function prepare(wish: Wish, identity: Identity, { kit }: CheckoutDoors): Promise<Ready | Payload> {
  let { email, address } = wish;
  if (!email || !address) {
    const asked = wish.addressId ? { addressId: wish.addressId } : {};
    const contact = await kit.bus.request("account.contact", asked, identity);
    email ??= contact.email;
    address ??= contact.address ?? undefined;
  }
  if (!address)
    return refused(userError("NOT_FOUND", "There is no such address in your book.", ["input", "addressId"]));
  const { cartId, cartVersion, shippingOptionId, expectedTotal } = wish;
  const insisting = cartVersion === undefined ? {} : { cartVersion };
  const asked = { cartId, ...insisting, shippingOptionId, address };
  const reply = await kit.bus.request("cart.quote", asked, identity);
  if (reply.outcome === "refused") {
    return refused(userError(reply.code, reply.message, reply.field));
  }
  if (reply.outcome === "problems") return inTheWay(problemsOf(reply));
  const { quote } = reply;
  if (wish.paymentToken === null) {
    const beyond = await unpaidLimits(quote, identity, kit);
    if (beyond.length > 0) return refused(...beyond);
  }
  const { total } = quote.totals;
  if (expectedTotal && !isSameMoney(expectedTotal, total)) {
    return inTheWay([{ __typename: "TotalChanged", was: expectedTotal, now: total }]);
  }
  // Found out by the provider, it would be when stock is held already.
  const unpayable = whyNotPayable(total);
  if (unpayable) return refused(userError(unpayable.code, unpayable.message, ["input", "cartId"]));
  return { quote, email, address };
}

/** The lines of which fewer units may be set aside unpaid. While inventory is away it decides when it reserves. */
async function unpaidLimits(quote: Quote, identity: Identity, { bus }: CheckoutDoors["kit"]) {
  const lines = quote.lines.map(({ lineId, sku, quantity }) => ({ lineId, sku, quantity }));
  const { shortages } = await bus
    .request("inventory.unpaidLimits", { lines }, identity, { timeoutMs: 1_000 })
    .catch(() => ({ shortages: [] }));
  return shortages.map(({ lineId, requested, available }) => {
    const title = quote.lines.find((line) => line.lineId === lineId)?.title ?? lineId;
    return userError("QUANTITY_LIMIT", unpaidLimitInWords(title, { requested, available }), [
      ...["input", "paymentMethod"],
    ]);
  });
}

/** Fewer than one can't be ordered: then only paying at once, or waiting, helps. */
function unpaidLimitInWords(
  title: string,
  { requested, available }: { requested: number; available: number },
) {
  return available > 0
    ? `Of "${title}" ${available} of ${requested} can be set aside without a payment now: ` +
        "give a payment method in the checkout, or order fewer."
    : `None of "${title}" can be set aside without a payment now: give a payment method in the checkout, or try ` +
        "again in some minutes.";
}

const tooManyOpenOrders = userError(
  "TOO_MANY_OPEN_ORDERS",
  "There are too many unpaid orders of this customer, e-mail or address: pay or cancel one of them, or give a payment " +
    "method in the checkout.",
  ["input", "paymentMethod"],
);

async function place(
  tx: Parameters<Store["place"]>[0],
  orderId: string,
  wish: Wish,
  { quote, email, address }: Ready,
  identity: Identity,
  { store, kit }: CheckoutDoors,
): Promise<{ order: Order } | Taken | TooMany> {
  // From here on nobody but payment can read it.
  const paymentToken = wish.paymentToken === null ? null : kit.sealFor("payment", wish.paymentToken);
  const { cartId, cartVersion, lines, totals } = quote;
  const customerId = identity.kind === "user" ? identity.userId : null;
  const client = identity.client ?? null;
  if (paymentToken === null) {
    const taken = await store.findOfCart(cartId, cartVersion, tx);
    if (taken) return { taken };
    if (await store.isOneTooMany(tx, { orderId, customerId, email, client })) return { isOneTooMany: true };
  } else {
    refuseCardTester(await store.declineWait(tx, payerOf(identity)));
  }
  for (let tries = 0; tries < mostNumbers; tries++) {
    const order = await store.place(tx, {
      type: "PlaceOrder",
      paymentToken,
      bought: {
        ...{ id: orderId, number: orderNumber(), cartId, cartVersion, lines, totals, email, address },
        ...{ customerId, client },
        shippingOptionId: quote.shippingOption.id,
      },
    });
    if (order) return { order };
    const taken = await store.findOfCart(cartId, cartVersion, tx);
    if (taken) return { taken };
  }
  throw new Error("no free order number was found");
}

/** A cart moves on once its order is confirmed; whoever insists on the version that they saw is told what it became. */
async function soldAlready(wish: Wish, identity: Identity, store: Store): Promise<Payload | undefined> {
  const { cartId, cartVersion } = wish;
  if (cartVersion === undefined) return undefined;
  const taken = await store.findOfCart(cartId, cartVersion);
  return taken && isOfTheirCart(taken, identity) ? conflict(taken, wish, identity) : undefined;
}

/** A guest's cart is whoever's who knows its id. */
function isOfTheirCart(order: Order, identity: Identity): boolean {
  return order.customerId === null ? identity.kind === "guest" : isOwn(order, identity);
}

/**
 * Whether the order may be shown without its token: to the customer whose it is, and to a guest who says the same e-mail
 * and address, so learns nothing about a person. A cart's id alone, which a link may have given away, doesn't do.
 */
function maySeeTaken(order: Order, { email, address }: Wish, identity: Identity): boolean {
  if (order.customerId !== null) return isOwn(order, identity);
  const isSameEmail = email !== undefined && normalEmail(email) === normalEmail(order.email);
  return (
    identity.kind === "guest" && isSameEmail && address !== undefined && isSameAddress(address, order.address)
  );
}

function isSameAddress(one: PostalAddress, other: PostalAddress): boolean {
  const textOf = ({ name, line1, line2, city, region, postalCode, country, phone }: PostalAddress) =>
    JSON.stringify([name, line1, line2 ?? "", city, region ?? "", postalCode, country, phone ?? ""]);
  return textOf(one) === textOf(other);
}

/** The order of an earlier checkout, as it is by now. */
async function answer(orderId: string, doors: CheckoutDoors): Promise<Payload> {
  const order = await doors.store.find(orderId);
  if (!order) throw new Error(`order ${orderId} was answered before and is gone`);
  return shown(order, doors);
}

function shown(order: Order, { tokens }: CheckoutDoors): Payload {
  const orderToken = order.customerId === null ? tokens.of(order.id) : null;
  return { order, orderToken, problems: [], userErrors: [] };
}

function conflict(taken: Order, wish: Wish, identity: Identity): Payload {
  const name = isOfTheirCart(taken, identity) ? `order ${taken.number}` : "an order";
  const message = `This version of the cart has already become ${name}.`;
  const order = maySeeTaken(taken, wish, identity) ? taken : null;
  return { ...refused(userError("CONFLICT", message, ["input", "cartId"])), order };
}

function problemsOf(reply: Extract<RequestReply<"cart.quote">, { outcome: "problems" }>): Problem[] {
  return [
    ...reply.notEnoughStock.map((shortage): Problem => ({
      __typename: "NotEnoughStock",
      lineId: shortage.lineId,
      requested: shortage.requested,
      available: shortage.available,
    })),
    ...reply.notForSale.map(({ lineId }): Problem => ({ __typename: "NotForSale", lineId })),
  ];
}

function inTheWay(problems: Problem[]): Payload {
  return { order: null, orderToken: null, problems, userErrors: [] };
}

function refused(...userErrors: Refusal[]): Payload {
  return { order: null, orderToken: null, problems: [], userErrors };
}
