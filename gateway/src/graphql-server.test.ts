import { setFlagsFromString } from "node:v8";
import { runInNewContext } from "node:vm";
import { HeaderMap } from "@apollo/server";
import { buildSchema, parse } from "graphql";
import { pino } from "pino";
import { expect, test } from "vitest";
import { asGraphQLError } from "./errors/coded-errors.ts";
import { guest } from "./identity/caller.ts";
import { UncachedDocumentQueue } from "./limits/uncached-document-queue.ts";
import { knownOperations } from "./http/known-operation.ts";
import { DocumentCache } from "./graph/document-cache.ts";
import { startGraphqlServer, type GraphqlServerDeps } from "./graphql-server.ts";

setFlagsFromString("--expose-gc");
const collect = runInNewContext("gc") as (how: { type: "minor" }) => void;

const ways = ["Apollo Server", "the way of known operations"];

test.each(ways)(
  "nothing of a request to %s outlives its answer until the whole heap is cleared",
  async (way) => {
    const documents = new DocumentCache();
    documents.pin("1", parse("{ numbers }"));
    const deps: GraphqlServerDeps = {
      schema: buildSchema("type Query { numbers: [Int!] }"),
      executeOperation: async () => {
        await new Promise((resolve) => setImmediate(resolve));
        return { data: { numbers: Array.from({ length: 4_000 }, (_, n) => n) } };
      },
      guard: () => undefined,
      mask: asGraphQLError,
      documents,
      uncachedDocuments: new UncachedDocumentQueue({ isPerAddress: true }),
      charge: undefined,
      needsPlan: () => false,
      log: pino({ level: "silent" }),
    };
    const server = await startGraphqlServer(deps);
    const answerKnown = knownOperations(deps);
    const body = { query: "{ numbers }" };
    const headers = { "content-type": "application/json" };
    const ask = async () => {
      const context = { caller: guest, ip: "", requestId: "1", signal: new AbortController().signal };
      const answer =
        way === "Apollo Server"
          ? await server.executeHTTPGraphQLRequest({
              httpGraphQLRequest: {
                method: "POST",
                headers: new HeaderMap(Object.entries(headers)),
                search: "",
                body,
              },
              context: async () => context,
            })
          : await answerKnown({ headers }, body, context);
      expect(answer?.body).toMatchObject({ string: expect.stringContaining("3999") as unknown });
    };
    const usedAfterSmallCollections = () => {
      for (let n = 0; n < 3; n++) collect({ type: "minor" });
      return process.memoryUsage().heapUsed;
    };
    for (let n = 0; n < 200; n++) await ask();
    const before = usedAfterSmallCollections();
    for (let n = 0; n < 500; n++) await ask();
    const keptBytes = (usedAfterSmallCollections() - before) / 500;
    // Each answer has 32,000 bytes.
    expect(keptBytes).toBeLessThan(8_000);
    await server.stop();
  },
);
