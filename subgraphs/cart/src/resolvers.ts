import { hasRole, requireUser, userError, type Identity } from "@shop/service";
import { normalText } from "@shop/values";
import type { Deps } from "./deps.ts";
import { addLines, type LineToAdd } from "./domain/add-lines.ts";
import { guestTtlS, maxLines, type Cart } from "./domain/cart.ts";
import { problemsOf } from "./domain/price-cart.ts";
import { saleRuleOf } from "./domain/flash-sale.ts";
import { removeLines } from "./domain/remove-lines.ts";
import { updateLines, type LineToUpdate } from "./domain/update-lines.ts";
import type { Resolvers } from "./generated/resolvers.ts";
import { claimGuestCart } from "./use-cases/claim-guest-cart.ts";
import { createCart } from "./use-cases/create-cart.ts";
import { editCart, type CartResult, type EditCommand } from "./use-cases/edit-cart.ts";
import { findCart, findVisibleCart } from "./use-cases/find-cart.ts";
import { price, quoteForShopper } from "./use-cases/quote.ts";
import { readAddress } from "./use-cases/read-address.ts";

/** Cart's part of the graph. */
export function resolvers(deps: Deps): Resolvers {
  const { store, shopCountry, shopCurrency } = deps;

  return {
    Query: {
      me: (_, __, { identity }) => (identity.kind === "user" ? { id: identity.userId } : null),
      cart: async (_, { id }, { identity }) => await priced(await findVisibleCart(store, identity, id)),
    },
    Mutation: {
      cartCreate: async (_, { input }, { identity }) => {
        const lines = (input?.lines ?? []).map(withNormalSku);
        if (lines.length > maxLines) return tooManyLines(["input", "lines"]);
        const currency = input?.currency ?? shopCurrency;
        const key = input?.idempotencyKey ?? undefined;
        return await payload(await createCart(deps, { identity, currency, lines, key }));
      },
      cartLinesAdd: async (_, input, { identity }) =>
        await edit("cartLinesAdd", identity, input, (cart, context) =>
          addLines(cart, input.lines.map(withNormalSku), context),
        ),
      cartLinesUpdate: async (_, input, { identity }) =>
        await edit("cartLinesUpdate", identity, input, (cart, context) =>
          updateLines(cart, input.lines, context),
        ),
      cartLinesRemove: async (_, input, { identity }) =>
        await edit("cartLinesRemove", identity, input, (cart, context) =>
          removeLines(cart, input.lineIds, context),
        ),
      cartClaim: async (_, { cartId, strategy, idempotencyKey }, context) => {
        const { userId: customerId } = requireUser(context);
        const key = idempotencyKey ?? undefined;
        return await payload(
          await claimGuestCart(deps, { cartId, customerId, strategy: strategy ?? "SUM", key }),
        );
      },
    },
    User: {
      __resolveReference: ({ id }) => (id === undefined ? null : { id }),
      cart: async ({ id }, _, { identity, currentCarts }) => {
        const isOwn = identity.kind === "user" && identity.userId === id;
        return isOwn || hasRole(identity, "STAFF") ? await priced(await currentCarts.load(id)) : null;
      },
    },
    Cart: {
      // A reference opens no more than the id does: a guest's cart to its bearer, a customer's to that customer and staff.
      __resolveReference: async ({ id }, { identity }) => {
        if (id === undefined) return null;
        const isStaff = hasRole(identity, "STAFF");
        return await priced(await (isStaff ? findCart(store, id) : findVisibleCart(store, identity, id)));
      },
      id: ({ cart }) => cart.id,
      version: ({ cart }) => cart.version,
      currency: ({ cart }) => cart.currency,
      updatedAt: ({ cart }) => cart.updatedAt,
      // Whatever led here has touched the cart.
      expiresAt: ({ cart }) =>
        cart.customerId === null ? new Date(Date.now() + guestTtlS(cart) * 1000) : null,
      itemCount: ({ cart }) => cart.lines.reduce((sum, line) => sum + line.quantity, 0),
      // A hint by this process' clock: at a checkout inventory's clock decides.
      problems: (priced) => {
        const now = new Date();
        return problemsOf(priced, ({ variant }) => variant && saleRuleOf(variant.sales, now));
      },
      quote: async ({ cart }, args, context) => {
        const address = await readAddress(deps, args, context);
        return await quoteForShopper(deps, cart, args, address, context.identity);
      },
    },
    CartLine: {
      image: ({ imageUrl, title }) =>
        imageUrl ? { url: imageUrl, alt: title, width: null, height: null } : null,
      variant: ({ variantId }) => ({ id: variantId }),
      priceWhenAdded: ({ wasPrice, unitPrice }) => (wasPrice.amount === unitPrice.amount ? null : wasPrice),
    },
    QueueRequired: { flashSale: ({ flashSaleId }) => ({ id: flashSaleId }) },
    CartProblem: { __resolveType: ({ kind }) => kind },
  };

  async function priced(cart: Cart | undefined) {
    return cart ? await price(store, cart, shopCountry) : null;
  }

  async function payload({ cart, errors }: CartResult) {
    return { cart: await priced(cart), userErrors: errors };
  }

  async function edit(
    operation: string,
    identity: Identity,
    { idempotencyKey, ...input }: EditInput,
    change: EditCommand["change"],
  ) {
    const { cartId, lines = [], lineIds = [] } = input;
    if (lines.length > maxLines) return tooManyLines(["lines"]);
    if (lineIds.length > maxLines) return tooManyLines(["lineIds"]);
    const skus = lines.flatMap((line) => ("sku" in line ? [withNormalSku(line).sku] : []));
    const key = idempotencyKey ?? undefined;
    return await payload(await editCart(deps, { operation, identity, input, cartId, skus, key, change }));
  }
}

/** SKUs are kept and looked up in their normal form. */
const withNormalSku = (line: LineToAdd): LineToAdd => ({
  sku: normalText(line.sku.toWellFormed()),
  quantity: line.quantity,
});

/** The arguments of the mutations that edit a cart's lines. */
type EditInput = {
  cartId: string;
  lines?: readonly (LineToAdd | LineToUpdate)[];
  lineIds?: readonly string[];
  idempotencyKey?: string | null | undefined;
};

function tooManyLines(field: string[]) {
  const message = `A cart takes at most ${maxLines} lines.`;
  return { cart: null, userErrors: [userError("QUANTITY_LIMIT", message, field)] };
}
