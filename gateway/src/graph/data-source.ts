import type { GraphQLDataSource } from "@apollo/gateway";
import type { GraphQLError } from "graphql";
import type { Logger } from "pino";
import { serviceUnavailable } from "../coded-errors.ts";
import type { RequestContext } from "../request-context.ts";
import type { SignCaller } from "../identity/sign-caller.ts";
import type { Metrics } from "../metrics.ts";
import { SharedReads } from "./shared-reads.ts";
import { Cancelled, type SubgraphConnection } from "./subgraph-connection.ts";

const readTimeoutMs = 10_000;
const writeTimeoutMs = 30_000;

export interface DataSourceParts {
  connections: ReadonlyMap<string, SubgraphConnection>;
  sign: SignCaller;
  log: Logger;
  metrics: Metrics;
}

type DataSource = GraphQLDataSource<RequestContext>;
type FetchOptions = Parameters<DataSource["process"]>[0];
type FetchResult = Awaited<ReturnType<DataSource["process"]>>;

/** How the gateway reads from and writes to each subgraph; RemoteGraphQLDataSource costs five times as much. */
export function dataSources(parts: DataSourceParts): Record<string, DataSource> {
  const { connections, sign, log, metrics } = parts;
  const reads = new Map<string, SharedReads>();
  for (const [name, connection] of connections) {
    reads.set(name, new SharedReads((body, identity) => connection.post(body, identity, readTimeoutMs)));
  }
  return Object.fromEntries([...connections].map(([name, connection]) => [name, source(name, connection)]));

  function source(name: string, connection: SubgraphConnection): DataSource {
    const timer = metrics.subgraphSeconds.labels(name);
    return {
      async process(options) {
        const { request } = options;
        const context = contextOf(options);
        const body = JSON.stringify({
          query: request.query,
          operationName: request.operationName,
          variables: request.variables,
        });
        const identity = sign(context.caller, name);
        const startedAt = performance.now();
        try {
          const isWrite = request.query?.startsWith("mutation");
          const answer = isWrite
            ? await write(connection, body, identity)
            : await reads.get(name)?.read(body, identity, context.signal);
          if (!isGraphQLAnswer(answer)) throw new Error("Answered with something that is no GraphQL result");
          return answer;
        } catch (error) {
          throw unavailable(name, error, options);
        } finally {
          timer.observe((performance.now() - startedAt) / 1000);
        }
      },
    };
  }

  async function write(connection: SubgraphConnection, body: string, identity: string): Promise<unknown> {
    // Not cancelled when the client leaves: a write that has begun is carried out, and its key gives the answer later.
    try {
      return await connection.post(body, identity, writeTimeoutMs).answer;
    } finally {
      for (const read of reads.values()) read.forget();
    }
  }

  function unavailable(service: string, error: unknown, options: FetchOptions): GraphQLError {
    if (!(error instanceof Cancelled)) {
      metrics.subgraphFailures.labels(service).inc();
      log.warn({ service, reason: reasonOf(error) }, "a subgraph did not answer");
    }
    return serviceUnavailable(service, placeOf(options));
  }
}

function contextOf(options: FetchOptions): RequestContext {
  if ("incomingRequestContext" in options) return options.context;
  throw new Error("Only clients' operations are sent to subgraphs");
}

/** Where in the client's answer the gap is; inside of lists only the list itself can be named. */
function placeOf(options: FetchOptions): (string | number)[] | undefined {
  if (!("pathInIncomingRequest" in options)) return undefined;
  const path = options.pathInIncomingRequest ?? [];
  const list = path.indexOf("@");
  const named = list === -1 ? path : path.slice(0, list);
  return named.length > 0 ? named.map((part) => (typeof part === "object" ? String(part) : part)) : undefined;
}

function isGraphQLAnswer(answer: unknown): answer is FetchResult {
  return typeof answer === "object" && answer !== null && ("data" in answer || "errors" in answer);
}

function reasonOf(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  return "code" in error ? `${String(error.code)}: ${error.message}` : error.message;
}
