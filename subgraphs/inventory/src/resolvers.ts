import { requireRole, requireUser, userError, type Context } from "@shop/service";
import type { Deps } from "./deps.ts";
import { showAvailability } from "./domain/show-availability.ts";
import type { Resolvers } from "./generated/resolvers.ts";
import { followStock, followTicket, ticketCursor } from "./live/subscribe.ts";
import type { StockView } from "./live/stock-live.ts";
import type { TicketView } from "./live/ticket-followers.ts";
import type { Loaders } from "./loaders.ts";
import { adjustStock } from "./use-cases/adjust-stock.ts";
import { enterFlashSale, isSaleId } from "./use-cases/enter-flash-sale.ts";
import { leaveFlashSale } from "./use-cases/leave-flash-sale.ts";
import { listSales } from "./use-cases/list-flash-sales.ts";
import { changeSale, endSale, planSale } from "./use-cases/plan-flash-sale.ts";
import { findTicket } from "./use-cases/ticket-payload.ts";

/** Maximum adjustments of one call. */
const maxAdjustments = 500;

/** Inventory's part of the graph. */
export function resolvers(deps: Deps): Resolvers<Context & Loaders> {
  const { flash } = deps;
  const findSale = async (id: string) => (isSaleId(id) ? ((await flash.find(id)) ?? null) : null);
  const positionOf = async (ticket: TicketView) =>
    ticket.status === "WAITING" ? (ticket.position ?? (await flash.positionOf(ticket))) : null;
  return {
    ProductVariant: {
      __resolveReference: ({ id }) => ({ id }),
      availability: async ({ id }, _, { unitsByVariant }) =>
        showAvailability(flash.sales.isOffSale(id) ? 0 : await unitsByVariant.load(id)),
      stockLevels: (variant, _, context) => {
        requireRole(context, "STAFF");
        return context.levelsByVariant.load(variant.id);
      },
      flashSale: ({ id }) => flash.sales.ofVariant(id) ?? null,
    },
    FlashSale: {
      __resolveReference: ({ id }) => findSale(id),
      variant: ({ variantId }) => ({ id: variantId }),
      status: (sale) => flash.sales.status(sale),
      now: () => flash.sales.now(),
      unitsLeft: ({ unitsTotal, unitsSold }) => unitsTotal - unitsSold,
      lineRatio: ({ vipRatio, standardRatio }) =>
        vipRatio === null || standardRatio === null ? null : { vip: vipRatio, standard: standardRatio },
      myTicket: async ({ id }, _, { identity, latestTicket }) =>
        identity.kind === "user" ? ((await latestTicket.load(`${identity.userId} ${id}`)) ?? null) : null,
    },
    FlashSaleTicket: {
      async flashSale({ saleId }) {
        const sale = await flash.find(saleId);
        if (!sale) throw new Error(`the sale ${saleId} of a ticket is gone`);
        return sale;
      },
      position: (ticket) => positionOf(ticket),
      holdExpiresAt: ({ status, holdExpiresAt }) => (status === "HOLDING" ? holdExpiresAt : null),
      cursor: async (ticket) => ticketCursor(ticket, await positionOf(ticket)),
    },
    StockChange: {
      availability: ({ variantId, units }) => showAvailability(flash.sales.isOffSale(variantId) ? 0 : units),
      variant: ({ variantId }) => ({ id: variantId }),
    },
    Query: {
      warehouses: (_, __, context) => {
        requireRole(context, "STAFF");
        return deps.store.warehouses();
      },
      flashSale: (_, { id }) => findSale(id),
      flashSales: (_, { status }) => listSales(deps, status ?? undefined),
      async flashSaleTicket(_, { id }, { identity }) {
        return identity.kind === "user" ? ((await findTicket(deps, id, identity.userId)) ?? null) : null;
      },
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
      flashSaleCreate: (_, { input, idempotencyKey }, context) =>
        planSale(deps, input, idempotencyKey, requireRole(context, "STAFF").userId),
      flashSaleUpdate: (_, { id, input, idempotencyKey }, context) =>
        changeSale(deps, id, input, idempotencyKey, requireRole(context, "STAFF").userId),
      flashSaleEnd: (_, { id, idempotencyKey }, context) =>
        endSale(deps, id, idempotencyKey, requireRole(context, "STAFF").userId),
      flashSaleEnter: (_, args, context) => enterFlashSale(deps, args, requireUser(context).userId),
      flashSaleLeave: (_, args, context) => leaveFlashSale(deps, args, requireUser(context).userId),
    },
    Subscription: {
      stockChanged: {
        subscribe: (_, { skus }) => followStock(deps, skus),
        resolve: (change: StockView) => change,
      },
      flashSaleTicketUpdated: {
        subscribe: (_, args, context) => followTicket(deps, args, requireUser(context).userId),
        resolve: (ticket: TicketView) => ticket,
      },
    },
  };
}
