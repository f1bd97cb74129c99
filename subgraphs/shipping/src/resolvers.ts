import { requireRole, type Context } from "@shop/service";
import { parseMoney } from "@shop/values";
import type { Deps } from "./deps.ts";
import type { Resolvers } from "./generated/resolvers.ts";
import type { Loaders } from "./loaders.ts";
import { advanceShipment } from "./use-cases/advance-shipment.ts";
import { shippingEstimate, shippingOptions } from "./use-cases/shipping-options.ts";

/** Shipping's part of the graph. */
export function resolvers(deps: Deps): Resolvers<Context & Loaders> {
  const load = async ({ shipmentById }: Loaders, id: string) => (await shipmentById.load(id)) ?? null;

  return {
    Cart: {
      __resolveReference: ({ id, weightGrams, subtotal }) => {
        if (weightGrams === undefined || !subtotal) throw new Error("a cart came without weight or subtotal");
        return { id, weightGrams, subtotal: parseMoney(subtotal.amount, subtotal.currency) };
      },
      shippingOptions: (cart, args, { identity }) => shippingOptions(deps, cart, args, identity),
      shippingEstimate: (cart, args) => shippingEstimate(cart, args),
    },
    Shipment: {
      // Shipping knows no customers: a proof of the order service says for whom a parcel is readable.
      __resolveReference: ({ id, proof }, context) =>
        deps.isReadable({ type: "Shipment", id, proof }, context.identity) ? load(context, id) : null,
      order: ({ orderId }) => ({ id: orderId }),
    },
    ShipmentEvent: {
      occurredAt: (step) => new Date(step.occurredAt),
    },
    Mutation: {
      shipmentAdvance: async (_, { shipmentId, status, location, idempotencyKey }, context) => {
        const { userId } = requireRole(context, "STAFF");
        const input = { shipmentId, status, location: location ?? null };
        const userErrors = await advanceShipment(deps, userId, input, idempotencyKey ?? null);
        const isKnown = userErrors.every(({ code }) => code !== "NOT_FOUND");
        return { shipment: isKnown ? await load(context, shipmentId) : null, userErrors };
      },
    },
  };
}
