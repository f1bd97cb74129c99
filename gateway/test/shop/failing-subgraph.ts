import { readFileSync } from "node:fs";
import { serve } from "@shop/service/http-server";
import { audienceKey, identityVerifier } from "@shop/service/identity";
import { buildSubgraph } from "@shop/service/subgraph";
import { pino } from "pino";
import { masterKey } from "./subgraph-server.ts";

const schema = new URL("failing.graphql", import.meta.url);

const fail = (reason: string): never => {
  throw new Error(reason);
};

const resolvers = {
  Query: { failing: (_: unknown, { reason }: { reason: string }) => fail(reason) },
  Subscription: {
    failingEvents: {
      async *subscribe() {
        yield { failingEvents: {} };
      },
    },
    failingStream: {
      subscribe: () => ({
        next: async () => fail("the stream's cause"),
        [Symbol.asyncIterator]() {
          return this;
        },
      }),
    },
  },
  FailingEvent: { reason: () => fail("the event's cause") },
};

/** A subgraph of the service kit whose fields fail; its log lines are kept. */
export async function startFailingSubgraph() {
  const name = "shipping";
  const logs: string[] = [];
  const log = pino({ level: "warn" }, { write: (line: string) => void logs.push(line) });
  const subgraph = buildSubgraph({ schema, resolvers, context: undefined, log });
  const { url, stop } = await serve({
    service: name,
    port: 0,
    host: "127.0.0.1",
    subgraph,
    verify: identityVerifier(name, audienceKey(masterKey, name)),
    routes: {},
    readiness: async () => ({ status: "ready", troubles: {} }),
    log,
  });
  return { name, url: `${url}/graphql`, typeDefs: readFileSync(schema, "utf8"), logs, stop };
}
