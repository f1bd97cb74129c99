import type { Postgres } from "@shop/service";
import { parkedIntentRows } from "./parked-intents.ts";
import { paymentRows } from "./payments.ts";
import { providerRows } from "./provider.ts";

/** Opens the store: payments, and beside them what is parked and where the reconciler stands. */
export function openStore(pg: Postgres) {
  return { ...paymentRows(pg), parked: parkedIntentRows(pg), provider: providerRows(pg) };
}
