import { GraphQLError } from "graphql";
import type { LiveFeed } from "./live-feed.ts";
import type { SubgraphContext, SubgraphDefinition } from "./subgraph-server.ts";

export interface OrderUpdate {
  cursor: string;
  status: string;
}

export function orderSubgraph(updates: LiveFeed<OrderUpdate>): SubgraphDefinition {
  const read = (after: string | undefined, without: number) => updates.read(after ? Number(after) : without);
  return {
    name: "order",
    typeDefs: `
      extend schema @link(url: "https://specs.apollo.dev/federation/v2.9", import: ["@key"])
      type Query { order(id: ID!): Order }
      type Mutation { cancel(orderId: ID!): Order orderAsks: String flashSaleEnter(flashSaleId: ID!): String }
      type User @key(fields: "id") { id: ID! askedBy: String }
      type Subscription {
        orderUpdated(orderId: ID!, after: String): OrderUpdate!
        myOrdersUpdated(after: String): OrderUpdate!
      }
      type OrderUpdate { cursor: String! order: Order! }
      type Order { id: ID! status: String! product: Product missing: Product }
      type Product @key(fields: "id", resolvable: false) { id: ID! }
    `,
    resolvers: {
      Query: { order: (_: unknown, { id }: { id: string }) => orderOf(id, "CREATED") },
      Mutation: {
        flashSaleEnter: (_: unknown, { flashSaleId }: { flashSaleId: string }) => flashSaleId,
        cancel: (_: unknown, { orderId }: { orderId: string }) => {
          if (orderId === "busy")
            throw new GraphQLError("Later.", {
              extensions: { code: "SERVICE_UNAVAILABLE", retryAfterSeconds: 7 },
            });
          return orderOf(orderId, "CANCELLED");
        },
        orderAsks: (_: unknown, __: unknown, context: SubgraphContext) => askerIn(context),
      },
      User: { askedBy: (_: unknown, __: unknown, context: SubgraphContext) => askerIn(context) },
      Subscription: {
        orderUpdated: {
          subscribe: (_: unknown, { orderId, after }: { orderId: string; after?: string }) => {
            if (orderId === "another's")
              throw new GraphQLError("No such order.", { extensions: { code: "NOT_FOUND" } });
            return read(after, 0);
          },
          resolve: ({ cursor, status }: OrderUpdate, { orderId }: { orderId: string }) => ({
            cursor,
            order: orderOf(orderId, status),
          }),
        },
        myOrdersUpdated: {
          subscribe: (_: unknown, { after }: { after?: string }) => read(after, 0),
          resolve: ({ cursor, status }: OrderUpdate) => ({ cursor, order: orderOf("ord_1", status) }),
        },
      },
    },
  };
}

function askerIn({ identity }: SubgraphContext): string {
  return identity.kind === "user" ? identity.userId : "guest";
}

function orderOf(id: string, status: string) {
  return { id, status, product: { id: "prd_1" }, missing: { id: "prd_gone" } };
}
