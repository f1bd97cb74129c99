import type { Deps } from "./deps.ts";

/** The requests of other services that catalog answers. */
export function requestHandlers({ store }: Pick<Deps, "store">) {
  return { "catalog.products": store.publishedPage };
}
