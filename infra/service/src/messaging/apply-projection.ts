import type { ShopEvent } from "@shop/events";
import type { Postgres } from "../postgres/transaction.ts";
import type { Projection } from "./event-handlers.ts";

/** Applies a batch to a projection: of tables, in one transaction; of a copy that lives elsewhere, without one. */
export async function applyProjection(
  pg: Pick<Postgres, "transact">,
  projection: Projection,
  events: readonly ShopEvent[],
): Promise<void> {
  if ("batch" in projection) await pg.transact((tx) => projection.batch(tx, events));
  else await projection.apply(events);
}
