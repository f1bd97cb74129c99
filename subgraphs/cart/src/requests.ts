import type { RequestHandlers } from "@shop/service";
import type { Deps } from "./deps.ts";
import { quoteForOrder } from "./use-cases/quote.ts";

/** The requests of other services that cart answers. */
export function requestHandlers(deps: Deps): RequestHandlers {
  return { "cart.quote": (input, identity) => quoteForOrder(deps, input, identity) };
}
