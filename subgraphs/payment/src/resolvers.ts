import { requireRole, type Context, type Kit } from "@shop/service";
import type { Money } from "@shop/values";
import DataLoader from "dataloader";
import { publicStatus, type Payment } from "./domain/index.ts";
import type { Resolvers } from "./generated/resolvers.ts";
import type { ParkedIntents } from "./store/parked-intents.ts";
import type { Store } from "./store/payments.ts";

/** A payment whose order was heard of: before that there is nothing to show. */
export type KnownPayment = Payment & { total: Money };
export type PaymentContext = Context & ReturnType<typeof contextOf>;

/** One query for all payments that a request asks for. */
export const contextOf = (store: Store) => ({
  payments: new DataLoader<string, KnownPayment | null>(async (ids) => {
    const found = (await store.find(ids)).filter(
      (payment): payment is KnownPayment => payment.total !== null,
    );
    const byId = new Map(found.map((payment) => [payment.id, payment]));
    return ids.map((id) => byId.get(id) ?? null);
  }),
});

export const resolvers = (kit: Pick<Kit<unknown>, "isReadable">, parked: ParkedIntents): Resolvers => ({
  Query: {
    async parkedPayments(_, _args, context) {
      requireRole(context, "STAFF");
      const open = await parked.list();
      return open.map(({ intentId, received, ...rest }) => ({ id: intentId, amount: received, ...rest }));
    },
  },
  Payment: {
    // Payment knows no customers: the order service proves for whom it may be read.
    __resolveReference: ({ id, proof }, { identity, payments }) =>
      kit.isReadable({ type: "Payment", id, proof }, identity) ? payments.load(id) : null,
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
});
