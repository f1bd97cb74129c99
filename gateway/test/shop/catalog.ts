import { GraphQLError } from "graphql";
import type { SubgraphContext, SubgraphDefinition } from "./subgraph-server.ts";

const titles: Record<string, string> = { prd_1: "Teapot", prd_2: "Kettle", prd_3: "Cup" };

/** Counts the reads of `slow` that began and were cancelled. */
export const slowReads = { begun: 0, cancelled: 0 };

/** Reads that wait for the test to answer them. */
export const heldReads: (() => void)[] = [];

export function catalogSubgraph(): SubgraphDefinition {
  return {
    name: "catalog",
    typeDefs: `
      extend schema @link(url: "https://specs.apollo.dev/federation/v2.9", import: ["@key"])
      type Query {
        product(id: ID!): Product
        products(first: Int = 20, ratingMin: Float): [Product!]
        slow: String
        held: String
        broken: String
        refused: String
        whoAsks: Caller
      }
      scalar CurrencyCode
      type Caller { kind: String! userId: ID roles: [String!] }
      type Product @key(fields: "id") { id: ID! title: String! price(currency: CurrencyCode): String related(first: Int = 10): [Product!] }
    `,
    resolvers: {
      Query: {
        product: (_: unknown, { id }: { id: string }) => (titles[id] ? { id } : null),
        products: () => Object.keys(titles).map((id) => ({ id })),
        slow: (_: unknown, _args: unknown, { gone }: SubgraphContext) =>
          new Promise((resolve) => {
            slowReads.begun++;
            gone.addEventListener("abort", () => {
              slowReads.cancelled++;
              resolve(null);
            });
          }),
        held: () => new Promise((resolve) => heldReads.push(() => resolve("here"))),
        broken: () => {
          throw new Error("connection to postgres://catalog:hunter2@db failed");
        },
        refused: () => {
          throw new GraphQLError("Staff only.", { extensions: { code: "FORBIDDEN" } });
        },
        whoAsks: (_: unknown, _args: unknown, { identity }: SubgraphContext) => identity,
      },
      Product: {
        __resolveReference: ({ id }: { id: string }) => (titles[id] ? { id } : null),
        title: ({ id }: { id: string }) => titles[id],
        price: (_: unknown, { currency }: { currency: string }) => `in ${currency}`,
        related: () => Object.keys(titles).map((id) => ({ id })),
      },
    },
  };
}
