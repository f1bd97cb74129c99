import type { Context } from "@shop/service";
import type { Money } from "@shop/values";
import DataLoader from "dataloader";
import type { Deps } from "./deps.ts";
import type { Payment } from "./domain/index.ts";

/** A payment whose amount is known: without one there is nothing to show. */
export type KnownPayment = Payment & { total: Money };
export type PaymentContext = Context & ReturnType<typeof loaders>;

/** Batches the payments of a request into one statement. */
export function loaders({ store }: Pick<Deps, "store">) {
  return {
    payments: new DataLoader<string, KnownPayment | null>(async (ids) => {
      const found = (await store.find(ids)).filter((one): one is KnownPayment => one.total !== null);
      const byId = new Map(found.map((payment) => [payment.id, payment]));
      return ids.map((id) => byId.get(id) ?? null);
    }),
  };
}
