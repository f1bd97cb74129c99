import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { buildSubgraphSchema } from "@apollo/subgraph";
import { ApolloServer, HeaderMap } from "@apollo/server";
import { ApolloServerPluginInlineTraceDisabled } from "@apollo/server/plugin/disabled";
import { audienceKey, identityVerifier, type Identity } from "@shop/service/identity";
import { GraphQLError, parse, type GraphQLSchema } from "graphql";
import { useServer } from "graphql-ws/use/ws";
import { WebSocketServer } from "ws";

export const masterKey = "a master key for tests only";

export interface SubgraphContext {
  identity: Identity;
  gone: AbortSignal;
  /** The `sessions` of the answer's extensions. */
  sessionChanges: { field: string; accessToken: string | null; ended: string[] }[];
}

export interface TestSubgraph {
  name: string;
  url: string;
  typeDefs: string;
  /** The parsed HTTP bodies: an array where the gateway sent a batch. */
  bodies: unknown[];
  /** Requests of all other paths. */
  calls: { path: string; headers: IncomingMessage["headers"]; body: Buffer }[];
  /** The answer of all other paths; "fine" while undefined. */
  readiness: object | undefined;
  openSockets(): number;
  dropSockets(): void;
  stop(): Promise<void>;
}

export interface SubgraphDefinition {
  name: string;
  typeDefs: string;
  resolvers: Record<string, object>;
  port?: number;
}

/** A subgraph as the kit serves one: signed callers only, batches, graphql-ws with an identity per operation. */
export async function startSubgraph(definition: SubgraphDefinition): Promise<TestSubgraph> {
  const { name, typeDefs, resolvers } = definition;
  const schema: GraphQLSchema = buildSubgraphSchema([
    { typeDefs: parse(typeDefs), resolvers: resolvers as never },
  ]);
  const verify = identityVerifier(name, audienceKey(masterKey, name));
  const server = new ApolloServer<SubgraphContext>({
    schema,
    allowBatchedHttpRequests: true,
    csrfPrevention: false,
    plugins: [ApolloServerPluginInlineTraceDisabled()],
  });
  await server.start();
  const bodies: unknown[] = [];
  const calls: TestSubgraph["calls"] = [];

  const http = createServer((request, response) => {
    const chunks: Buffer[] = [];
    request.on("data", (chunk: Buffer) => chunks.push(chunk));
    request.on("end", () => void answer(request, response, Buffer.concat(chunks)));
  });

  async function answer(request: IncomingMessage, response: ServerResponse, raw: Buffer): Promise<void> {
    if (request.url !== "/graphql") {
      calls.push({ path: request.url ?? "", headers: request.headers, body: raw });
      const { readiness } = running;
      response.writeHead(200, { "content-type": "text/plain" });
      return void response.end(readiness ? JSON.stringify(readiness) : "fine");
    }
    const identity = verify(String(request.headers["x-shop-identity"]));
    if (!identity) {
      const errors = [{ message: "Who asks?", extensions: { code: "UNAUTHENTICATED_CALLER" } }];
      response.writeHead(401, { "content-type": "application/json" }).end(JSON.stringify({ errors }));
      return;
    }
    const body: unknown = JSON.parse(raw.toString());
    // The gateway polls for revoked sessions each second, in every test.
    if (!raw.includes("endedSessions")) bodies.push(body);
    const sessionChanges: SubgraphContext["sessionChanges"] = [];
    const departure = new AbortController();
    response.once("close", () => response.writableFinished || departure.abort());
    const result = await server.executeHTTPGraphQLRequest({
      httpGraphQLRequest: {
        method: "POST",
        search: "",
        body,
        headers: new HeaderMap([["content-type", "application/json"]]),
      },
      context: async () => ({ identity, gone: departure.signal, sessionChanges }),
    });
    if (result.body.kind === "complete") {
      const { string } = result.body;
      const withChanges = { ...(JSON.parse(string) as object), extensions: { sessions: sessionChanges } };
      response
        .writeHead(result.status ?? 200, { "content-type": "application/json" })
        .end(sessionChanges.length > 0 ? JSON.stringify(withChanges) : string);
    }
  }

  const sockets = new WebSocketServer({ server: http, path: "/graphql" });
  useServer(
    {
      schema,
      context: (_context, _id, payload) => {
        const identity = verify(String(payload.extensions?.["identity"]));
        if (!identity) throw new GraphQLError("Who asks?");
        return { identity, gone: new AbortController().signal, sessionChanges: [] };
      },
    },
    sockets,
  );

  await new Promise<void>((resolve) => http.listen(definition.port ?? 0, "127.0.0.1", resolve));
  const { port } = http.address() as AddressInfo;
  const running: TestSubgraph = {
    name,
    readiness: undefined,
    url: `http://127.0.0.1:${port}/graphql`,
    typeDefs,
    bodies,
    calls,
    openSockets: () => sockets.clients.size,
    dropSockets: () => sockets.clients.forEach((client) => client.terminate()),
    async stop() {
      sockets.clients.forEach((client) => client.terminate());
      http.closeAllConnections();
      await new Promise((resolve) => http.close(resolve));
      await server.stop();
    },
  };
  return running;
}
