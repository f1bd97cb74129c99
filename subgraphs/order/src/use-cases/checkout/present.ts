import type { PostalAddress, RequestReply } from "@shop/events";
import { type Identity, userError, type UserError } from "@shop/service";
import { normalEmail } from "@shop/values";
import type { Order } from "../../domain/index.ts";
import type { ErrorCode, ResolversTypes } from "../../generated/resolvers.ts";
import type { OrderTokens } from "../../order-token.ts";
import { isOwn } from "../../visibility.ts";
import type { CheckoutCommand } from "./read-checkout.ts";

type Problem = Awaited<ResolversTypes["CheckoutProblem"]>;

export type CheckoutPayload = {
  order: Order | null;
  orderToken: string | null;
  problems: Problem[];
  userErrors: UserError<ErrorCode>[];
};

export function withOrder(order: Order, tokens: OrderTokens): CheckoutPayload {
  const orderToken = order.customerId === null ? tokens.of(order.id) : null;
  return { order, orderToken, problems: [], userErrors: [] };
}

export function withProblems(problems: Problem[]): CheckoutPayload {
  return { order: null, orderToken: null, problems, userErrors: [] };
}

export function refused(...userErrors: UserError<ErrorCode>[]): CheckoutPayload {
  return { order: null, orderToken: null, problems: [], userErrors };
}

/** The cart's version has become an order already. */
export function conflict(taken: Order, command: CheckoutCommand, identity: Identity): CheckoutPayload {
  const name = isOfCaller(taken, identity) ? `order ${taken.number}` : "an order";
  const message = `This version of the cart has already become ${name}.`;
  const order = maySeeTaken(taken, command, identity) ? taken : null;
  return { ...refused(userError("CONFLICT", message, ["input", "cartId"])), order };
}

/** Whether the order's cart is the caller's; a guest's cart belongs to every guest who knows its id. */
export function isOfCaller(order: Order, identity: Identity): boolean {
  return order.customerId === null ? identity.kind === "guest" : isOwn(order, identity);
}

/**
 * Whether the order may be shown without its token: to its own customer, and to a guest who gives the same e-mail and
 * address, and so learns nothing about a person. A cart's id alone, which a link may have leaked, is not enough.
 */
function maySeeTaken(order: Order, { email, address }: CheckoutCommand, identity: Identity): boolean {
  if (order.customerId !== null) return isOwn(order, identity);
  if (identity.kind !== "guest" || !email || !address) return false;
  return normalEmail(email) === normalEmail(order.email) && isSameAddress(address, order.address);
}

function isSameAddress(one: PostalAddress, other: PostalAddress): boolean {
  const textOf = ({ name, line1, line2, city, region, postalCode, country, phone }: PostalAddress) =>
    JSON.stringify([name, line1, line2 ?? "", city, region ?? "", postalCode, country, phone ?? ""]);
  return textOf(one) === textOf(other);
}

export function problemsOf(reply: Extract<RequestReply<"cart.quote">, { outcome: "problems" }>): Problem[] {
  return [
    ...reply.notEnoughStock.map(({ lineId, requested, available }): Problem => {
      return { __typename: "NotEnoughStock", lineId, requested, available };
    }),
    ...reply.notForSale.map(({ lineId }): Problem => ({ __typename: "NotForSale", lineId })),
    ...(reply.queueRequired ?? []).map(({ lineId, flashSaleId }): Problem => {
      return { __typename: "QueueRequired", lineId, flashSaleId, flashSale: { id: flashSaleId } };
    }),
  ];
}

/** With `available` below one, only a payment method or a later checkout helps. */
export function unpaidLimitError(
  title: string,
  { requested, available }: { requested: number; available: number },
): UserError<ErrorCode> {
  const message =
    available > 0
      ? `Of "${title}" ${available} of ${requested} can be set aside without a payment now: ` +
        "give a payment method in the checkout, or order fewer."
      : `None of "${title}" can be set aside without a payment now: give a payment method in the checkout, or try ` +
        "again in some minutes.";
  return userError("QUANTITY_LIMIT", message, ["input", "paymentMethod"]);
}

export const tooManyOpenOrders = userError(
  "TOO_MANY_OPEN_ORDERS",
  "There are too many unpaid orders of this customer, e-mail or address: pay or cancel one of them, or give a payment " +
    "method in the checkout.",
  ["input", "paymentMethod"],
);
