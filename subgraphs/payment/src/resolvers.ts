import { requireRole } from "@shop/service";
import type { Deps } from "./deps.ts";
import { publicStatus } from "./domain/index.ts";
import type { Resolvers } from "./generated/resolvers.ts";

/** Payment's part of the graph. */
export function resolvers({ store, isReadable }: Pick<Deps, "store" | "isReadable">): Resolvers {
  return {
    Query: {
      async parkedPayments(_, _args, context) {
        requireRole(context, "STAFF");
        const open = await store.parked.list();
        return open.map(({ intentId, received, ...rest }) => ({ id: intentId, amount: received, ...rest }));
      },
    },
    Payment: {
      // Payment knows no customers: the order service proves for whom a payment may be read.
      __resolveReference: ({ id, proof }, { identity, payments }) =>
        isReadable({ type: "Payment", id, proof }, identity) ? payments.load(id) : null,
      status: publicStatus,
      amount: ({ total }) => total,
      refunded: ({ refunded, total }) => ({ amount: refunded, currency: total.currency }),
      dispute: ({ dispute, total }) =>
        dispute && { ...dispute, amount: { amount: dispute.amount, currency: total.currency } },
      clientSecret: ({ status, clientSecret }) => (status === "REQUIRES_ACTION" ? clientSecret : null),
      failureCode: (payment) =>
        publicStatus(payment) === "FAILED" ? (payment.failureCode ?? "DECLINED") : null,
      failureReason: (payment) => (publicStatus(payment) === "FAILED" ? payment.failureReason : null),
    },
  };
}
