import type { Params } from "../form.ts";
import type { FaultSettings } from "../fault-settings.ts";
import type { Intent } from "../payment-intent.ts";
import { noSuch, type StripeError } from "../stripe-error.ts";
import type { Store } from "../store.ts";

/** `now` in seconds, as Stripe counts. */
export type RouteRequest = { id: string; params: Params; now: number };
export type Route = {
  accepts: string[];
  /** Answers an object; or an error, of which the effects and the answer are kept. A thrown error leaves nothing. */
  handle: (request: RouteRequest) => object | StripeError;
};
/** By method and path, with `:id` for the one variable part. */
export type Routes = Record<string, Route>;

export type RouteDeps = {
  store: Store;
  faults: FaultSettings;
  /** Records an event about an object, and its delivery. */
  emit: (type: string, object: object) => void;
};

/** The intent of an id or of a client secret. */
export function intentOf(store: Store, id: string): Intent {
  const intent = store.intent(id.split("_secret_")[0] ?? id);
  if (!intent) throw noSuch("payment_intent", id);
  return intent;
}
