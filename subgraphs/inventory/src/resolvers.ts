import { requireRole, unavailable, userError, type Context } from "@shop/service";
import type { Deps } from "./deps.ts";
import { showAvailability } from "./domain/show-availability.ts";
import type { Resolvers } from "./generated/resolvers.ts";
import type { Loaders } from "./loaders.ts";
import { adjustStock } from "./use-cases/adjust-stock.ts";

/** Maximum adjustments of one call. */
const maxAdjustments = 500;

/** Inventory's part of the graph. */
export function resolvers(deps: Deps): Resolvers<Context & Loaders> {
  return {
    ProductVariant: {
      __resolveReference: ({ id }) => ({ id }),
      availability: async ({ id }, _, { unitsByVariant }) => showAvailability(await unitsByVariant.load(id)),
      stockLevels: (variant, _, context) => {
        requireRole(context, "STAFF");
        return context.levelsByVariant.load(variant.id);
      },
      flashSale: () => null,
    },
    FlashSale: { __resolveReference: () => null },
    Query: {
      warehouses: (_, __, context) => {
        requireRole(context, "STAFF");
        return deps.store.warehouses();
      },
      flashSale: () => null,
      flashSales: () => [],
      flashSaleTicket: () => null,
    },
    Mutation: {
      stockAdjust: async (_, { input }, context) => {
        const { userId } = requireRole(context, "STAFF");
        const [adjusted] = await adjustStock(deps, userId, [{ adjustment: input, path: ["input"] }]);
        const { variantId, levels, userErrors } = adjusted ?? { variantId: null, levels: [], userErrors: [] };
        return { variant: variantId ? { id: variantId } : null, levels, userErrors };
      },
      stockAdjustMany: async (_, { inputs }, context) => {
        const { userId } = requireRole(context, "STAFF");
        if (inputs.length > maxAdjustments) {
          const message = `Send at most ${maxAdjustments} adjustments at once, got ${inputs.length}.`;
          return { results: [], userErrors: [userError("INVALID_INPUT", message, ["inputs"])] };
        }
        const adjusted = await adjustStock(
          deps,
          userId,
          inputs.map((adjustment, at) => ({ adjustment, path: ["inputs", String(at)] })),
        );
        const results = adjusted.map(({ levels, userErrors }, index) => ({
          index,
          levels: userErrors.length > 0 ? [] : levels,
          userErrors,
        }));
        return { results, userErrors: [] };
      },
      flashSaleCreate: notOpenYet,
      flashSaleUpdate: notOpenYet,
      flashSaleEnd: notOpenYet,
      flashSaleEnter: notOpenYet,
      flashSaleLeave: notOpenYet,
    },
    Subscription: {
      stockChanged: { subscribe: notOpenYet },
      flashSaleTicketUpdated: { subscribe: notOpenYet },
    },
  };
}

function notOpenYet(): never {
  throw unavailable("Flash sales are not open yet.");
}
