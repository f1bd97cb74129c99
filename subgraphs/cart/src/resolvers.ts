import { addressPart, type PostalAddress } from "@shop/events";
import { badInput, hasRole, requireUser, type Bus, type Context, type Postgres } from "@shop/service";
import DataLoader from "dataloader";
import { claimGuestCart } from "./claim-guest-cart.ts";
import { createCart } from "./create-cart.ts";
import { addLines } from "./domain/add-lines.ts";
import { maxLines, type Cart, type Refusal } from "./domain/cart.ts";
import { priceCart, problemsOf, type PricedCart } from "./domain/price-cart.ts";
import { removeLines } from "./domain/remove-lines.ts";
import { taxRateOf } from "./domain/tax-rates.ts";
import { updateLines } from "./domain/update-lines.ts";
import { editCart, type Answer, type Ask } from "./edit-cart.ts";
import { findCart, findVisibleCart } from "./find-cart.ts";
import type { CartQuoteArgs, Resolvers } from "./generated/resolvers.ts";
import type { Quoting } from "./quote.ts";
import type { Store } from "./store/index.ts";

export type CartContext = Context & { currentCarts: DataLoader<string, Cart | undefined> };
export type UserReference = { id: string };

type Needs = {
  pg: Postgres;
  bus: Pick<Bus, "request">;
  store: Store;
  quoting: Quoting;
  settings: { SHOP_COUNTRY: string; SHOP_CURRENCY: string };
};

/** One batch of look-ups a request. */
export const contextOf = (store: Store) => ({
  currentCarts: new DataLoader<string, Cart | undefined>(async (customerIds) => {
    const found = await store.customers.findCurrent(customerIds);
    return customerIds.map((id) => found.get(id));
  }),
});

export function resolversOf({ pg, bus, store, quoting, settings }: Needs): Resolvers {
  const price = async (cart: Cart | undefined): Promise<PricedCart | null> => {
    if (!cart) return null;
    const variants = await store.variants.variantsOf(cart.lines.map((line) => line.sku));
    return priceCart(cart, variants, taxRateOf(settings.SHOP_COUNTRY));
  };
  const payload = async ({ cart, refusals }: Answer) => ({
    cart: await price(cart),
    userErrors: refusals,
  });
  const edit = async (ask: Omit<Ask, "key"> & { key: string | null | undefined }) =>
    await payload(await editCart(pg, store, { ...ask, key: ask.key ?? undefined }));

  return {
    Query: {
      me: (_, __, { identity }) => (identity.kind === "user" ? { id: identity.userId } : null),
      cart: async (_, { id }, { identity }) => await price(await findVisibleCart(store, identity, id)),
    },
    Mutation: {
      cartCreate: async (_, { input }, { identity }) => {
        const lines = input?.lines ?? [];
        if (lines.length > maxLines) return tooManyLines(["input", "lines"]);
        const currency = input?.currency ?? settings.SHOP_CURRENCY;
        const key = input?.idempotencyKey ?? undefined;
        return await payload(
          await createCart(pg, store, settings.SHOP_CURRENCY, { identity, currency, lines, key }),
        );
      },
      cartLinesAdd: async (_, { cartId, lines, idempotencyKey: key }, { identity }) => {
        if (lines.length > maxLines) return tooManyLines(["lines"]);
        return await edit({
          operation: "cartLinesAdd",
          input: { cartId, lines },
          cartId,
          key,
          identity,
          skus: lines.map((line) => line.sku),
          change: (cart, context) => addLines(cart, lines, context),
        });
      },
      cartLinesUpdate: async (_, { cartId, lines, idempotencyKey: key }, { identity }) => {
        if (lines.length > maxLines) return tooManyLines(["lines"]);
        return await edit({
          operation: "cartLinesUpdate",
          input: { cartId, lines },
          cartId,
          key,
          identity,
          skus: [],
          change: (cart, context) => updateLines(cart, lines, context),
        });
      },
      cartLinesRemove: async (_, { cartId, lineIds, idempotencyKey: key }, { identity }) => {
        if (lineIds.length > maxLines) return tooManyLines(["lineIds"]);
        return await edit({
          operation: "cartLinesRemove",
          input: { cartId, lineIds },
          cartId,
          key,
          identity,
          skus: [],
          change: (cart, context) => removeLines(cart, lineIds, context),
        });
      },
      cartClaim: async (_, { cartId, strategy, idempotencyKey }, context) => {
        const { userId: customerId } = requireUser(context);
        const key = idempotencyKey ?? undefined;
        return await payload(
          await claimGuestCart(pg, store, { cartId, customerId, strategy: strategy ?? "SUM", key }),
        );
      },
    },
    User: {
      __resolveReference: ({ id }) => (id === undefined ? null : { id }),
      cart: async ({ id }, _, { identity, currentCarts }) => {
        const isTheirs = identity.kind === "user" && identity.userId === id;
        return isTheirs || hasRole(identity, "STAFF") ? await price(await currentCarts.load(id)) : null;
      },
    },
    Cart: {
      // A reference opens no more than the id does: a guest's cart to its bearer, a customer's to that customer and staff.
      __resolveReference: async ({ id }, { identity }) => {
        if (id === undefined) return null;
        const isStaff = hasRole(identity, "STAFF");
        return await price(await (isStaff ? findCart(store, id) : findVisibleCart(store, identity, id)));
      },
      id: ({ cart }) => cart.id,
      version: ({ cart }) => cart.version,
      currency: ({ cart }) => cart.currency,
      updatedAt: ({ cart }) => cart.updatedAt,
      itemCount: ({ cart }) => cart.lines.reduce((sum, line) => sum + line.quantity, 0),
      problems: problemsOf,
      quote: async ({ cart }, args, context) => {
        const address = await addressOf(args, context);
        return await quoting.forShopper(cart, args.shippingOptionId, address, context.identity);
      },
    },
    CartLine: {
      image: ({ imageUrl, title }) =>
        imageUrl ? { url: imageUrl, alt: title, width: null, height: null } : null,
      variant: ({ variantId }) => ({ id: variantId }),
      priceWhenAdded: ({ wasPrice, unitPrice }) => (wasPrice.amount === unitPrice.amount ? null : wasPrice),
    },
    CartProblem: { __resolveType: ({ kind }) => kind },
  };

  async function addressOf(args: CartQuoteArgs, context: CartContext): Promise<PostalAddress> {
    if (Boolean(args.address) === Boolean(args.addressId)) {
      throw badInput("Give either `address` or `addressId`.", ["address"]);
    }
    if (args.addressId) {
      requireUser(context);
      const asks = { addressId: args.addressId };
      const { address } = await bus.request("account.contact", asks, context.identity);
      if (!address) throw badInput("There is no such address.", ["addressId"]);
      return address;
    }
    const read = addressPart.safeParse(args.address);
    if (read.success) return read.data;
    const [issue] = read.error.issues;
    throw badInput(`This address can't be used: ${issue?.message ?? "it is not complete"}.`, [
      "address",
      ...(issue?.path ?? []).map(String),
    ]);
  }
}

function tooManyLines(field: string[]): { cart: null; userErrors: Refusal[] } {
  const message = `A cart takes at most ${maxLines} lines.`;
  return { cart: null, userErrors: [{ code: "QUANTITY_LIMIT", message, field }] };
}
