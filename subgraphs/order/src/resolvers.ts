import { hasRole, requireRole } from "@shop/service";
import type { Deps } from "./deps.ts";
import { type Order, whyNotCancelled, whyNotPaid } from "./domain/index.ts";
import type { Resolvers } from "./generated/resolvers.ts";
import type { Update } from "./live/live-updates.ts";
import { cursorOf, followCustomer, followOrder } from "./live/subscribe.ts";
import type { PaymentReference } from "./references.ts";
import { cancelOrder } from "./use-cases/cancel-order.ts";
import { checkout } from "./use-cases/checkout/checkout.ts";
import { payOrder } from "./use-cases/pay-order.ts";
import { isOwn, maySee } from "./visibility.ts";

/** Order's part of the graph. */
export function resolvers(deps: Deps): Resolvers {
  const { lists, tokens, proveTo, rules } = deps;
  return {
    Query: {
      me: (_, _args, { identity }) => (identity.kind === "user" ? { id: identity.userId } : null),
      async order(_, { id, token }, { identity, load }) {
        const order = await load.order.load(id);
        return order && maySee(order, { identity, token, tokens }) ? order : null;
      },
      orders(_, args, context) {
        requireRole(context, "STAFF");
        const { paymentState, ...filters } = args;
        const money = paymentState && moneyOf[paymentState];
        return lists.all({ ...filters, ...(money ? { money } : {}) });
      },
    },
    Mutation: {
      checkout: (_, { input }, { identity }) => checkout(deps, input, identity),
      orderPay: (_, args, { identity }) => payOrder(deps, args, identity),
      orderCancel: (_, args, { identity }) => cancelOrder(deps, args, identity),
    },
    Subscription: {
      orderUpdated: {
        subscribe: (_, args, { identity }) => followOrder(deps, args, identity),
        resolve: (update: Update) => update,
      },
      myOrdersUpdated: {
        subscribe: (_, args, { identity }) => followCustomer(deps, args, identity),
        resolve: (update: Update) => update,
      },
    },
    User: {
      __resolveReference: ({ id }) => ({ id }),
      orders({ id }, args, { identity, load }) {
        const isTheirs = identity.kind === "user" && identity.userId === id;
        return isTheirs || hasRole(identity, "STAFF") ? load.ordersOf.load({ customerId: id, args }) : null;
      },
    },
    Order: {
      // A guest's order is read with its token; a bare reference to it is for staff.
      async __resolveReference({ id }, { identity, load }) {
        const order = await load.order.load(id);
        return order && (isOwn(order, identity) || hasRole(identity, "STAFF")) ? order : null;
      },
      subtotal: ({ totals }) => totals.subtotal,
      discount: ({ totals }) => totals.discount,
      shipping: ({ totals }) => totals.shipping,
      tax: ({ totals }) => totals.tax,
      total: ({ totals }) => totals.total,
      shippingOption: ({ shippingOptionId: code, shippingOption: told }) =>
        told ? { code, name: told.name, estimatedDelivery: new Date(told.estimatedDelivery) } : null,
      shippingAddress: ({ address }) => address,
      expiresAt: (order) => (order.status === "AWAITING_PAYMENT" ? order.expiresAt : null),
      updatedAt: ({ changedAt }) => changedAt,
      // A hint by this process' clock: at the act the database's decides.
      canPay: (order) => whyNotPaid(order, { now: new Date(), rules }) === undefined,
      canCancel: (order) => whyNotCancelled(order) === undefined,
      paymentState: ({ progress: { money } }) => stateOf[money],
      timeline: ({ id }, _, { load }) => load.timeline.load(id),
      dispute: ({ progress }) => progress.dispute?.status ?? null,
      payment: (order) => paymentOf(order),
      shipments: (order) => order.progress.shipments.map(({ shipmentId }) => ({ id: shipmentId, order })),
    },
    // An order is read only by a caller who may see it: its payment and parcels get a proof for the same caller.
    Payment: {
      proof: ({ id }, _, { identity }) => proveTo("payment", { type: "Payment", id }, identity),
    },
    Shipment: {
      proof: ({ id }, _, { identity }) => proveTo("shipping", { type: "Shipment", id }, identity),
    },
    OrderLine: {
      id: ({ lineId }) => lineId,
      variant: ({ variantId }) => ({ id: variantId }),
      image: ({ imageUrl, title }) =>
        imageUrl ? { url: imageUrl, alt: title, width: null, height: null } : null,
    },
    OrderEvent: {
      id: ({ orderId, counter }) => `${orderId}:${counter}`,
    },
    OrderConnection: {
      updatesCursor({ feed }, _, { identity }) {
        const isTheirs = feed && identity.kind === "user" && identity.userId === feed.customerId;
        return isTheirs
          ? cursorOf({ feed: { of: "customer", id: feed.customerId }, counter: feed.counter })
          : null;
      },
    },
    OrderUpdate: {
      cursor: (update) => cursorOf(update),
    },
  };
}

/** A payment's id is derived from its order's. The order has none before the first attempt, or the first event of payment. */
function paymentOf({ id, progress }: Order): PaymentReference | null {
  const { attempt, paymentId } = progress;
  return attempt === 0 && paymentId === null ? null : { id: id.replace(/^ord_/, "pay_") };
}

/** The names of the money's states in the graph, as of a payment's. */
const stateOf = {
  NONE: "UNPAID",
  AUTHORISED: "AUTHORIZED",
  CAPTURED: "CAPTURED",
  RETURNED: "RETURNED",
} as const;
const moneyOf = {
  UNPAID: "NONE",
  AUTHORIZED: "AUTHORISED",
  CAPTURED: "CAPTURED",
  RETURNED: "RETURNED",
} as const;
