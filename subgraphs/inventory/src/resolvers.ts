import { requireRole, userError, type Context, type Postgres } from "@shop/service";
import { adjustStock } from "./adjust-stock.ts";
import { showAvailability } from "./domain/show-availability.ts";
import type { Resolvers } from "./generated/resolvers.ts";
import type { Loaders } from "./loaders.ts";
import { warehouses } from "./store.ts";

/** Adjustments of one call. */
const mostAdjustments = 500;

/** A variant, as inventory refers to it: by its id. */
export type VariantReference = { id: string };

/** Graph to domain and store. */
export function resolvers(pg: Postgres): Resolvers<Context & Loaders> {
  return {
    ProductVariant: {
      __resolveReference: ({ id }) => ({ id }),
      availability: async ({ id }, _, { unitsByVariant }) => showAvailability(await unitsByVariant.load(id)),
      stockLevels: (variant, _, context) => {
        requireRole(context, "STAFF");
        return context.levelsByVariant.load(variant.id);
      },
    },
    Query: {
      warehouses: (_, __, context) => {
        requireRole(context, "STAFF");
        return warehouses(pg);
      },
    },
    Mutation: {
      stockAdjust: async (_, { input }, context) => {
        const { userId } = requireRole(context, "STAFF");
        const [adjusted] = await adjustStock(pg, userId, [{ adjustment: input, path: ["input"] }]);
        const { variantId, levels, userErrors } = adjusted ?? { variantId: null, levels: [], userErrors: [] };
        return { variant: variantId ? { id: variantId } : null, levels, userErrors };
      },
      stockAdjustMany: async (_, { inputs }, context) => {
        const { userId } = requireRole(context, "STAFF");
        if (inputs.length > mostAdjustments) {
          const message = `Send at most ${mostAdjustments} adjustments at once, got ${inputs.length}.`;
          return { results: [], userErrors: [userError("INVALID_INPUT", message, ["inputs"])] };
        }
        const adjusted = await adjustStock(
          pg,
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
    },
  };
}
