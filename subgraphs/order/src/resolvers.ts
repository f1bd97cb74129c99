import { hasRole, type Kit, requireRole } from "@shop/service";
import { cancelOrder } from "./cancel.ts";
import { checkout } from "./checkout.ts";
import type { Order } from "./domain/index.ts";
import type { Resolvers } from "./generated/resolvers.ts";
import type { Lists } from "./lists.ts";
import type { Live, Update } from "./live.ts";
import type { OrderTokens } from "./order-token.ts";
import { payOrder } from "./pay.ts";
import type { Store } from "./store.ts";
import { cursorOf, followCustomer, followOrder } from "./subscriptions.ts";
import { maySee } from "./visibility.ts";

type Doors = {
  kit: Pick<Kit<unknown>, "pg" | "bus" | "sealFor">;
  store: Store;
  lists: Lists;
  live: Live;
  tokens: OrderTokens;
};

export function resolvers(doors: Doors): Resolvers {
  const { lists, tokens } = doors;
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
      // Who may see the order was decided where the reference was read.
      __resolveReference: ({ id }, { load }) => load.order.load(id),
      subtotal: ({ totals }) => totals.subtotal,
      discount: ({ totals }) => totals.discount,
      shipping: ({ totals }) => totals.shipping,
      tax: ({ totals }) => totals.tax,
      total: ({ totals }) => totals.total,
      shippingAddress: ({ address }) => address,
      expiresAt: (order) => (order.status === "AWAITING_PAYMENT" ? order.expiresAt : null),
      timeline: ({ id }, _, { load }) => load.timeline.load(id),
      payment: (order) => paymentOf(order),
      shipments: (order) => order.progress.shipments.map(({ shipmentId }) => ({ id: shipmentId, order })),
    },
    OrderLine: {
      id: ({ lineId }) => lineId,
      variant: ({ variantId }) => ({ id: variantId }),
      image: ({ imageUrl, title }) => (imageUrl ? { url: imageUrl, alt: title } : null),
    },
    OrderEvent: {
      id: ({ orderId, counter }) => `${orderId}:${counter}`,
    },
    OrderUpdate: {
      cursor: (update) => cursorOf(update),
    },
  };
}

/** Payment names an order's payment after the order; there is none until one was asked for. */
function paymentOf({ id, progress }: Order): { id: string } | null {
  return progress.attempt === 0 ? null : { id: id.replace(/^ord_/, "pay_") };
}
