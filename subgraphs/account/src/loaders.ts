import type { Context } from "@shop/service";
import DataLoader from "dataloader";
import type { Deps } from "./deps.ts";
import type { User } from "./store.ts";

export type AccountContext = Context & ReturnType<typeof loaders>;

/** Batches the reads of one request: users, by id. */
export const loaders = ({ store }: Pick<Deps, "store">) => ({
  users: new DataLoader<string, User | undefined>(async (ids) => {
    const found = await store.findUsers(ids);
    return ids.map((id) => found.get(id));
  }),
});
