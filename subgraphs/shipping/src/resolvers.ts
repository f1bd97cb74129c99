import { requireRole, type Context, type Kit, type Postgres } from "@shop/service";
import { parseMoney, type Money } from "@shop/values";
import DataLoader from "dataloader";
import { addressFor } from "./address.ts";
import { advance } from "./advance.ts";
import { priceOptions } from "./domain/index.ts";
import type { Resolvers } from "./generated/resolvers.ts";
import { findShipments, type ShownShipment } from "./store.ts";

/** Parcels of all requests together, each asked for only where it may be read. Nothing is cached. */
export type Loaders = { shipmentById: DataLoader<string, ShownShipment | undefined> };

/** One set for the whole process. */
export function openLoaders(pg: Postgres): Loaders {
  const options = {
    cache: false,
    maxBatchSize: 1_000,
    batchScheduleFn: (run: () => void) => setImmediate(run),
  };
  return { shipmentById: new DataLoader((ids) => findShipments(pg, ids), options) };
}

/** A cart as the gateway sends it with a reference: what its way is priced by. */
export type WeighedCart = { id: string; weightGrams: number; subtotal: Money };

/** Graph to domain and store. */
export function resolvers({
  pg,
  bus,
  isReadable,
}: Pick<Kit<unknown>, "pg" | "bus" | "isReadable">): Resolvers<Context & Loaders> {
  const shown = async ({ shipmentById }: Loaders, id: string) => (await shipmentById.load(id)) ?? null;

  return {
    Cart: {
      __resolveReference: ({ id, weightGrams, subtotal }) => {
        if (weightGrams === undefined || !subtotal) throw new Error("a cart came without weight or subtotal");
        return { id, weightGrams, subtotal: parseMoney(subtotal.amount, subtotal.currency) };
      },
      shippingOptions: async ({ weightGrams, subtotal }, args, { identity }) => {
        const { country } = await addressFor(bus, args, identity);
        const options = priceOptions({ weightGrams, currency: subtotal.currency, country }, new Date());
        return options.map((option) => ({
          ...option,
          estimatedDelivery: new Date(option.estimatedDelivery),
        }));
      },
    },
    Shipment: {
      // Shipping knows no customers: the order service proves for whom a parcel may be read.
      __resolveReference: ({ id, proof }, context) =>
        isReadable({ type: "Shipment", id, proof }, context.identity) ? shown(context, id) : null,
      order: ({ orderId }) => ({ id: orderId }),
    },
    ShipmentEvent: {
      occurredAt: (step) => new Date(step.occurredAt),
    },
    Mutation: {
      shipmentAdvance: async (_, { shipmentId, status, location, idempotencyKey }, context) => {
        const { userId } = requireRole(context, "STAFF");
        const news = { shipmentId, status, location: location ?? null };
        const userErrors = await advance(pg, userId, news, idempotencyKey ?? null);
        const isKnown = userErrors.every(({ code }) => code !== "NOT_FOUND");
        return { shipment: isKnown ? await shown(context, shipmentId) : null, userErrors };
      },
    },
  };
}
