import type { RequestInput, PostalAddress, PricedShippingOption, Quote, RequestReply } from "@shop/events";
import { codedError, badInput, type Identity } from "@shop/service";
import { shippingCodeOf } from "@shop/values";
import type { Deps } from "../deps.ts";
import type { Cart } from "../domain/cart.ts";
import { priceCart, problemsOf, type PricedCart } from "../domain/price-cart.ts";
import { quoteOf, totalsOf } from "../domain/quote-cart.ts";
import { taxRateOf } from "../domain/tax-rates.ts";
import type { Store } from "../store/index.ts";
import type { CartQuoteArgs } from "../generated/resolvers.ts";
import { findVisibleCart } from "./find-cart.ts";
import { flashTerms } from "./quote-flash-sale.ts";

type Reply = RequestReply<"cart.quote">;
type Refused = Extract<Reply, { outcome: "refused" }>;

/** Prices a cart with the tax of a country. */
export async function price(store: Store, cart: Cart, country: string): Promise<PricedCart> {
  const variants = await store.variants.variantsOf(cart.lines.map((line) => line.sku));
  return priceCart(cart, variants, taxRateOf(country));
}

/** The quote that order stores verbatim, or the problems that prevent a checkout. */
export async function quoteForOrder(
  deps: Deps,
  input: RequestInput<"cart.quote">,
  identity: Identity,
): Promise<Reply> {
  const cart = await findVisibleCart(deps.store, identity, input.cartId);
  if (!cart) return noCart;
  const { version: cartVersion } = cart;
  const refused = check(cart, input.cartVersion);
  if (refused) return { ...refused, cartVersion };
  const variants = await deps.store.variants.variantsOf(cart.lines.map((line) => line.sku));
  const terms = await flashTerms(deps, cart, variants, input.flashSaleTicketId, identity);
  if ("outcome" in terms) return { ...terms, cartVersion };
  const { hold } = terms;
  const priced = priceCart(cart, variants, taxRateOf(input.address.country), hold);
  const problems = problemsOf(priced, ({ sku }) => terms.ruleOf(sku));
  const notEnoughStock = problems.filter((it) => it.kind === "NotEnoughStock");
  const notForSale = problems.filter((it) => it.kind === "NotForSale");
  const queueRequired = problems.filter((it) => it.kind === "QueueRequired");
  if (notEnoughStock.length + notForSale.length + queueRequired.length > 0) {
    return {
      ...{ outcome: "problems", notEnoughStock, notForSale, cartVersion },
      ...(queueRequired.length > 0 && { queueRequired }),
    };
  }
  const option = await findOption(deps, priced, input.shippingOptionId, input.address, identity);
  if (!option) return { ...(await whyNotShipped(deps, cart, identity)), cartVersion };
  const quote = quoteOf(priced, option, taxRateOf(input.address.country));
  if (!hold || !input.flashSaleTicketId) return { outcome: "quoted", quote };
  const { saleId, lineId, holdExpiresAt } = hold;
  const flashSale = { ticketId: input.flashSaleTicketId, saleId, lineId, holdExpiresAt };
  return { outcome: "quoted", quote: { ...quote, flashSale } };
}

/** The totals that a shopper sees before paying. Throws SHIPPING_UNAVAILABLE when the option isn't offered for the address. */
export async function quoteForShopper(
  deps: Deps,
  cart: Cart,
  { shippingOptionId, flashSaleTicketId }: Pick<CartQuoteArgs, "shippingOptionId" | "flashSaleTicketId">,
  address: PostalAddress,
  identity: Identity,
): Promise<Quote["totals"]> {
  if (cart.lines.length === 0) throw badInput(emptyCart.message);
  const variants = await deps.store.variants.variantsOf(cart.lines.map((line) => line.sku));
  const terms = flashSaleTicketId
    ? await flashTerms(deps, cart, variants, flashSaleTicketId, identity)
    : { hold: null };
  if ("outcome" in terms) throw refusedError(terms);
  const priced = priceCart(cart, variants, taxRateOf(address.country), terms.hold);
  const option = await findOption(deps, priced, shippingOptionId, address, identity);
  if (!option) {
    const { code, message } = await whyNotShipped(deps, cart, identity);
    throw codedError(code === "CURRENCY_NOT_SUPPORTED" ? code : "SHIPPING_UNAVAILABLE", message);
  }
  return totalsOf(priced, option, taxRateOf(address.country));
}

async function findOption(
  { requestShippingOptions }: Deps,
  { weightGrams, subtotal }: PricedCart,
  optionId: string,
  address: PostalAddress,
  identity: Identity,
): Promise<PricedShippingOption | undefined> {
  const code = shippingCodeOf(optionId);
  const options = await requestShippingOptions({ weightGrams, subtotal, address }, identity);
  return options.find((option) => option.id === code && option.price.currency === subtotal.currency);
}

/** The currency, where nothing is shipped at prices in it; else the way or the address. */
async function whyNotShipped(
  { isShippedIn }: Deps,
  { currency }: Cart,
  identity: Identity,
): Promise<Refused> {
  if (await isShippedIn(currency, identity)) return notShipped;
  const message = `Nothing is shipped at prices in ${currency}: begin a cart in another currency.`;
  return { outcome: "refused", code: "CURRENCY_NOT_SUPPORTED", message, field: ["input", "cartId"] };
}

/** A quote has no user errors: a ticket that can't be used is an error with a code. */
function refusedError({ code, message }: Refused) {
  const field = ["flashSaleTicketId"];
  if (code === "INVALID_INPUT" || code === "CART_EMPTY") return badInput(message, field);
  return codedError(code, message, { field });
}

function check(cart: Cart, version: number | undefined): Refused | undefined {
  if (version !== undefined && version !== cart.version) {
    const message = `The cart has changed: it is at version ${cart.version} now.`;
    return { outcome: "refused", code: "STALE_VERSION", message, field: ["input", "cartVersion"] };
  }
  return cart.lines.length === 0 ? emptyCart : undefined;
}

const noCart: Refused = {
  outcome: "refused",
  code: "NOT_FOUND",
  message: "There is no such cart.",
  field: ["input", "cartId"],
};
const emptyCart: Refused = { outcome: "refused", code: "CART_EMPTY", message: "The cart is empty." };
const notShipped: Refused = {
  outcome: "refused",
  code: "SHIPPING_UNAVAILABLE",
  message: "Nothing is shipped this way to this address.",
  field: ["input", "shippingOptionId"],
};
