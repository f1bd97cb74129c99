import { serviceNames, type ServiceName } from "@shop/values";

/**
 * The running shop as one value: the launcher starts it, the tests check it, the README's table is printed from it.
 */
export const topology = {
  account: {
    about: "users, addresses, roles, sessions",
    stores: ["postgres", "nats"],
    calls: [],
  },
  catalog: {
    about: "products, variants, prices, categories",
    stores: ["postgres", "nats"],
    calls: [],
  },
  search: {
    about: "the search index, what shoppers did",
    stores: ["postgres", "redis", "nats"],
    files: "SQLite or Elasticsearch",
    calls: ["catalog", "inventory"],
  },
  cart: {
    about: "carts, quotes, taxes",
    stores: ["postgres", "redis", "nats"],
    calls: ["catalog", "inventory", "shipping", "account"],
  },
  inventory: {
    about: "stock in each warehouse, reservations, flash sales",
    stores: ["postgres", "redis", "nats"],
    calls: [],
  },
  order: {
    about: "orders, the saga's timeline, deadlines",
    stores: ["postgres", "nats"],
    calls: ["cart", "account", "shipping", "inventory"],
    sealsFor: ["payment"],
  },
  payment: {
    about: "payments, refunds, the provider's events",
    stores: ["postgres", "nats"],
    calls: ["order"],
  },
  shipping: {
    about: "ways to ship, shipments, tracking",
    stores: ["postgres", "nats"],
    calls: ["account"],
  },
} as const satisfies Record<ServiceName, Subgraph>;

export type Store = "postgres" | "redis" | "nats";
export type SubgraphName = ServiceName;

export type Subgraph = {
  about: string;
  /** Every service is on NATS: requests and events come by it. */
  stores: readonly [...Store[], "nats"];
  /** The files that it keeps in the data folder by itself. */
  files?: string;
  /** The services that it may ask over request/reply. */
  calls: readonly ServiceName[];
  /** The services for which it seals secrets and proves references, besides those that it calls. */
  sealsFor?: readonly ServiceName[];
};

export const subgraphNames = serviceNames;

export function isSubgraphName(name: string): name is SubgraphName {
  return Object.hasOwn(topology, name);
}

export function usesStore(name: SubgraphName, store: Store): boolean {
  const { stores }: Subgraph = topology[name];
  return stores.includes(store);
}
