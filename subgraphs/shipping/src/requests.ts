import type { RequestInput } from "@shop/events";
import type { Deps } from "./deps.ts";
import { priceOptions, tariffs } from "./domain/index.ts";
import { callOff } from "./use-cases/call-off.ts";

/** The requests of other services that shipping answers. */
export function requestHandlers(deps: Deps) {
  return {
    "shipping.callOff": (request: RequestInput<"shipping.callOff">) => callOff(deps, request),
    "shipping.currencies": () => Promise.resolve({ currencies: Object.keys(tariffs) }),
    "shipping.options": ({ weightGrams, subtotal, address }: RequestInput<"shipping.options">) => {
      const cart = { weightGrams, currency: subtotal.currency, country: address.country };
      return Promise.resolve({ options: priceOptions(cart, new Date()) });
    },
  };
}
