import { hasRole, type Kit, requireRole } from "@shop/service";
import { cancelOrder } from "./use-cases/cancel-order.ts";
import { checkout } from "./use-cases/checkout/checkout.ts";
import type { Order } from "./domain/index.ts";
import type { Resolvers } from "./generated/resolvers.ts";
import type { Lists } from "./store/list-orders.ts";
import type { Live, Update } from "./live/live-updates.ts";
import type { OrderTokens } from "./order-token.ts";
import { payOrder } from "./use-cases/pay-order.ts";
import type { Store } from "./store/store.ts";
import { cursorOf, followCustomer, followOrder } from "./live/subscribe.ts";
import { isOwn, maySee } from "./visibility.ts";

type Doors = {
  kit: Pick<Kit<unknown>, "pg" | "bus" | "sealFor" | "proveTo">;
  store: Store;
  lists: Lists;
  live: Live;
  tokens: OrderTokens;
};

/** A customer, as order refers to them. */
export type UserReference = { id: string };
/** A payment, as order refers to it. */
export type PaymentReference = { id: string };
/** A parcel, as order refers to it. */
export type ShipmentReference = { id: string; order: Order };

export function resolvers(doors: Doors): Resolvers {
  const { kit, lists, tokens } = doors;
  return {
    Query: {
      me: (_, _args, { identity }) => (identity.kind === "user" ? { id: identity.userId } : null),
      async order(_, { id, token }, { identity, load }) {
        const order = await load.order.load(id);
        return order && maySee(order, { identity, token, tokens }) ? order : null;
      },
      orders(_, args, context) {
        requireRole(context, "STAFF");
        return lists.all(args);
      },
    },
    Mutation: {
      checkout: (_, { input }, { identity }) => checkout(input, identity, doors),
      orderPay: (_, args, { identity }) => payOrder(args, identity, doors),
      orderCancel: (_, args, { identity }) => cancelOrder(args, identity, doors),
    },
    Subscription: {
      orderUpdated: {
        subscribe: (_, args, { identity }) => followOrder(args, identity, doors),
        resolve: (update: Update) => update,
      },
      myOrdersUpdated: {
        subscribe: (_, args, { identity }) => followCustomer(args, identity, doors),
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
      shippingAddress: ({ address }) => address,
      expiresAt: (order) => (order.status === "AWAITING_PAYMENT" ? order.expiresAt : null),
      timeline: ({ id }, _, { load }) => load.timeline.load(id),
      dispute: ({ progress }) => progress.dispute?.status ?? null,
      payment: (order) => paymentOf(order),
      shipments: (order) => order.progress.shipments.map(({ shipmentId }) => ({ id: shipmentId, order })),
    },
    // An order is only read by an asker who may see it: its payment and parcels are proven to their services for that asker.
    Payment: {
      proof: ({ id }, _, { identity }) => kit.proveTo("payment", { type: "Payment", id }, identity),
    },
    Shipment: {
      proof: ({ id }, _, { identity }) => kit.proveTo("shipping", { type: "Shipment", id }, identity),
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
    OrderUpdate: {
      cursor: (update) => cursorOf(update),
    },
  };
}

/** Payment names an order's payment after the order; there is none until one was asked for, or payment told of one. */
function paymentOf({ id, progress }: Order): PaymentReference | null {
  const { attempt, paymentId } = progress;
  return attempt === 0 && paymentId === null ? null : { id: id.replace(/^ord_/, "pay_") };
}
