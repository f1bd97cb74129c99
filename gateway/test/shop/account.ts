import type { SubgraphDefinition } from "./subgraph-server.ts";

/** Attempts that came through to the service. */
export const attempts: string[] = [];

export const rightPassword = "right";

export function accountSubgraph(): SubgraphDefinition {
  return {
    name: "account",
    typeDefs: `
      extend schema @link(url: "https://specs.apollo.dev/federation/v2.9", import: ["@key"])
      input LogInInput { email: String! password: String! }
      type Session { accessToken: String! }
      type SessionPayload { session: Session problems: [String!]! }
      type Query { me: String }
      type Mutation {
        logIn(input: LogInInput!): SessionPayload!
        signUp(input: LogInInput!): Session
        refreshSession(refreshToken: String!): Session
        hang: Int
        catalogueImport(lines: [String!]!): Int
      }
    `,
    resolvers: {
      Query: { me: () => "somebody" },
      Mutation: {
        logIn: (_: unknown, { input }: { input: { email: string; password: string } }) => {
          attempts.push(input.email);
          const session = input.password === rightPassword ? { accessToken: "…" } : null;
          return { session, problems: session ? [] : ["wrong"] };
        },
        signUp: () => ({ accessToken: "…" }),
        refreshSession: () => ({ accessToken: "…" }),
        hang: () => new Promise(() => {}),
        catalogueImport: (_: unknown, { lines }: { lines: string[] }) => lines.length,
      },
    },
  };
}
