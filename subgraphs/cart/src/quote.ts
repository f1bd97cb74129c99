import type { RequestInput, PostalAddress, PricedShippingOption, Quote, RequestReply } from "@shop/events";
import { codedError, badInput, type Bus, type Identity } from "@shop/service";
import { askShipping } from "./ask-shipping.ts";
import type { Cart } from "./domain/cart.ts";
import { priceCart, problemsOf, type PricedCart } from "./domain/price-cart.ts";
import { quoteOf, totalsOf } from "./domain/quote-cart.ts";
import { taxRateOf } from "./domain/tax-rates.ts";
import { findVisibleCart } from "./find-cart.ts";
import type { Store } from "./store/index.ts";

type Reply = RequestReply<"cart.quote">;
type Refusal = Extract<Reply, { outcome: "refused" }>;

export type Quoting = ReturnType<typeof quoting>;

/** Prices whole carts for an address and a way of shipping, which shipping is asked for. */
export function quoting(store: Store, bus: Pick<Bus, "request">) {
  const ask = askShipping(bus);
  return {
    /** What order stores verbatim, or what is in the way of a checkout. */
    async forOrder(asked: RequestInput<"cart.quote">, identity: Identity): Promise<Reply> {
      const cart = await findVisibleCart(store, identity, asked.cartId);
      const refusal = refuse(cart, asked.cartVersion);
      if (refusal || !cart) return refusal ?? noCart;
      const taxRate = taxRateOf(asked.address.country);
      const priced = await price(cart, asked.address.country);
      const problems = problemsOf(priced);
      const notEnoughStock = problems.filter((it) => it.kind === "NotEnoughStock");
      const notForSale = problems.filter((it) => it.kind === "NotForSale");
      if (notEnoughStock.length + notForSale.length > 0) {
        return { outcome: "problems", notEnoughStock, notForSale };
      }
      const option = await findOption(priced, asked.shippingOptionId, asked.address, identity);
      return option ? { outcome: "quoted", quote: quoteOf(priced, option, taxRate) } : notShipped;
    },

    /** What a customer sees before paying. Throws SHIPPING_UNAVAILABLE where nothing is shipped so. */
    async forShopper(
      cart: Cart,
      shippingOptionId: string,
      address: PostalAddress,
      identity: Identity,
    ): Promise<Quote["totals"]> {
      if (cart.lines.length === 0) throw badInput(emptyCart.message);
      const priced = await price(cart, address.country);
      const option = await findOption(priced, shippingOptionId, address, identity);
      if (!option) throw codedError("SHIPPING_UNAVAILABLE", notShipped.message);
      return totalsOf(priced, option, taxRateOf(address.country));
    },
  };

  async function price(cart: Cart, country: string): Promise<PricedCart> {
    const variants = await store.variants.variantsOf(cart.lines.map((line) => line.sku));
    return priceCart(cart, variants, taxRateOf(country));
  }

  async function findOption(
    { weightGrams, subtotal }: PricedCart,
    id: string,
    address: PostalAddress,
    identity: Identity,
  ): Promise<PricedShippingOption | undefined> {
    const options = await ask({ weightGrams, subtotal, address }, identity);
    return options.find((option) => option.id === id && option.price.currency === subtotal.currency);
  }
}

function refuse(cart: Cart | undefined, version: number | undefined): Refusal | undefined {
  if (!cart) return noCart;
  if (version !== undefined && version !== cart.version) {
    const message = `The cart has changed: it is at version ${cart.version} now.`;
    return { outcome: "refused", code: "STALE_VERSION", message, field: ["input", "cartVersion"] };
  }
  return cart.lines.length === 0 ? emptyCart : undefined;
}

const noCart: Refusal = {
  outcome: "refused",
  code: "NOT_FOUND",
  message: "There is no such cart.",
  field: ["input", "cartId"],
};
const emptyCart: Refusal = { outcome: "refused", code: "CART_EMPTY", message: "The cart is empty." };
const notShipped: Refusal = {
  outcome: "refused",
  code: "SHIPPING_UNAVAILABLE",
  message: "Nothing is shipped this way to this address.",
  field: ["input", "shippingOptionId"],
};
