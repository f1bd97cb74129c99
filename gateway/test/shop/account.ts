import type { GraphQLResolveInfo } from "graphql";
import type { SubgraphContext, SubgraphDefinition } from "./subgraph-server.ts";

/** Log-in attempts that reached the service. */
export const attempts: string[] = [];

export const rightPassword = "right";

/** Sessions that ended at another gateway. */
export const endedElsewhere: string[] = [];

export function accountSubgraph(issue: (userId: string) => Promise<string>): SubgraphDefinition {
  return {
    name: "account",
    typeDefs: `
      extend schema @link(url: "https://specs.apollo.dev/federation/v2.9", import: ["@key"])
      input LogInInput { email: String! password: String! }
      type Session { accessToken: String! }
      type SessionPayload { session: Session problems: [String!]! }
      type Query { me: String endedSessions(since: DateTime): RevokedSessions! }
      scalar DateTime
      type RevokedSessions { sids: [String!]! cursor: String! }
      type Entered { accessToken: String! user: User! }
      type User @key(fields: "id") { id: ID! }
      type Mutation {
        logIn(input: LogInInput!): SessionPayload!
        signUp(input: LogInInput!): Session
        refreshSession(refreshToken: String!): Session
        passwordChange(currentPassword: String!): SessionPayload!
        enter(userId: ID!): Entered
        leave(sids: [String!]!): Int
        hang: Int
        catalogueImport(lines: [String!]!): Int
      }
    `,
    resolvers: {
      Query: { me: () => "somebody", endedSessions: () => ({ sids: endedElsewhere, cursor: "now" }) },
      Mutation: {
        logIn: (_: unknown, { input }: { input: { email: string; password: string } }) => {
          attempts.push(input.email);
          const session = input.password === rightPassword ? { accessToken: "…" } : null;
          return { session, problems: session ? [] : ["wrong"] };
        },
        passwordChange: (_: unknown, { currentPassword }: { currentPassword: string }) => ({
          session: currentPassword === rightPassword ? { accessToken: "…" } : null,
          problems: [],
        }),
        signUp: () => ({ accessToken: "…" }),
        refreshSession: async (
          _: unknown,
          { refreshToken }: { refreshToken: string },
          { sessionChanges }: SubgraphContext,
          { path }: GraphQLResolveInfo,
        ) => {
          if (!refreshToken.startsWith("usr_")) return { accessToken: "…" };
          const accessToken = await issue(refreshToken);
          sessionChanges.push({ field: String(path.key), accessToken, ended: [] });
          return { accessToken };
        },
        enter: async (
          _: unknown,
          { userId }: { userId: string },
          { sessionChanges }: SubgraphContext,
          { path }: GraphQLResolveInfo,
        ) => {
          const accessToken = await issue(userId);
          sessionChanges.push({ field: String(path.key), accessToken, ended: [] });
          return { accessToken, user: { id: userId } };
        },
        leave: (
          _: unknown,
          { sids }: { sids: string[] },
          { sessionChanges }: SubgraphContext,
          { path }: GraphQLResolveInfo,
        ) => {
          sessionChanges.push({ field: String(path.key), accessToken: null, ended: sids });
          return sids.length;
        },
        hang: () => new Promise(() => {}),
        catalogueImport: (_: unknown, { lines }: { lines: string[] }) => lines.length,
      },
    },
  };
}
