/**
 * The services of the shop, each a folder in `subgraphs/`: the one list of them, which types the others (the topology, the
 * publishers of events). A name is also that of a Postgres role, a NATS account and the front of environment variables.
 */
export const serviceNames = [
  "account",
  "catalog",
  "search",
  "cart",
  "inventory",
  "order",
  "payment",
  "shipping",
] as const;

/** A service of the shop. */
export type ServiceName = (typeof serviceNames)[number];
