import type { Context } from "@shop/service";
import DataLoader from "dataloader";
import type { Deps } from "./deps.ts";
import type { Cart } from "./domain/cart.ts";

export type CartContext = Context & ReturnType<typeof loaders>;

/** Batches the reads of one request: current carts, by customer. */
export const loaders = ({ store }: Pick<Deps, "store">) => ({
  currentCarts: new DataLoader<string, Cart | undefined>(async (customerIds) => {
    const found = await store.customers.findCurrent(customerIds);
    return customerIds.map((id) => found.get(id));
  }),
});
