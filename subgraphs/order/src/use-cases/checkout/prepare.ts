import type { PostalAddress, Quote } from "@shop/events";
import { type Identity, userError } from "@shop/service";
import { isSameMoney, whyNotPayable } from "@shop/values";
import type { Deps } from "../../deps.ts";
import { type CheckoutPayload, problemsOf, refused, unpaidLimitError, withProblems } from "./present.ts";
import type { CheckoutCommand } from "./read-checkout.ts";

/** The input of placing an order, besides the command. */
export type Prepared = { quote: Quote; email: string; address: PostalAddress };

/** Why there is nothing to place, and the cart's version as it is, where there is a cart. */
export type NotPrepared = { answer: CheckoutPayload; cartVersion: number | undefined };

/** Requests the customer's contact and the cart's quote from their services, and checks what needs no transaction. */
export async function prepare(
  { bus }: Pick<Deps, "bus">,
  command: CheckoutCommand,
  identity: Identity,
): Promise<Prepared | NotPrepared> {
  let { email, address } = command;
  if (!email || !address) {
    const book = command.addressId ? { addressId: command.addressId } : {};
    const contact = await bus.request("account.contact", book, identity);
    email ??= contact.email;
    address ??= contact.address;
  }
  if (!address)
    return not(
      refused(userError("NOT_FOUND", "There is no such address in your book.", ["input", "addressId"])),
    );
  const { cartId, cartVersion, shippingOptionId, expectedTotal, flashSaleTicketId } = command;
  const version = typeof cartVersion === "number" ? { cartVersion } : {};
  const ticket = flashSaleTicketId ? { flashSaleTicketId } : {};
  const input = { cartId, ...version, shippingOptionId, address, ...ticket };
  const reply = await bus.request("cart.quote", input, identity);
  if (reply.outcome === "refused")
    return not(refused(userError(reply.code, reply.message, reply.field)), reply.cartVersion);
  if (reply.outcome === "problems") return not(withProblems(problemsOf(reply)), reply.cartVersion);
  const { quote } = reply;
  if (command.paymentToken === null) {
    const errors = await unpaidLimitErrors(bus, quote, identity);
    if (errors.length > 0) return not(refused(...errors), quote.cartVersion);
  }
  const { total } = quote.totals;
  if (expectedTotal && !isSameMoney(expectedTotal, total)) {
    const changed = { __typename: "TotalChanged", was: expectedTotal, now: total } as const;
    return not(withProblems([changed]), quote.cartVersion);
  }
  // The provider would refuse the amount only when stock is reserved already.
  const unpayable = whyNotPayable(total);
  if (unpayable) {
    const error = userError(unpayable.code, unpayable.message, ["input", "cartId"]);
    return not(refused(error), quote.cartVersion);
  }
  return { quote, email, address };
}

const not = (answer: CheckoutPayload, cartVersion?: number): NotPrepared => ({ answer, cartVersion });

/** The lines of which fewer units may be held unpaid. While inventory doesn't answer, it decides when it reserves. */
async function unpaidLimitErrors(bus: Deps["bus"], quote: Quote, identity: Identity) {
  const lines = quote.lines
    .filter(({ lineId }) => lineId !== quote.flashSale?.lineId)
    .map(({ lineId, sku, quantity }) => ({ lineId, sku, quantity }));
  if (lines.length === 0) return [];
  const { shortages } = await bus
    .request("inventory.unpaidLimits", { lines }, identity, { timeoutMs: 1_000 })
    .catch(() => ({ shortages: [] }));
  return shortages.map(({ lineId, ...shortage }) => {
    const title = quote.lines.find((line) => line.lineId === lineId)?.title ?? lineId;
    return unpaidLimitError(title, shortage);
  });
}
