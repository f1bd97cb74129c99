import type { GraphQLSchema } from "graphql";
import type { Logger } from "pino";
import { serviceUnavailable } from "../errors/coded-errors.ts";
import type { RequestContext } from "../request-context.ts";
import { callerAt, type TakeSessionNews } from "../identity/apply-session-changes.ts";
import type { SignCaller } from "../identity/sign-caller.ts";
import type { Metrics } from "../metrics.ts";
import { nameGap, type DataSource, type FetchOptions, type FetchResult } from "./failed-fetch.ts";
import { SharedReads } from "./request-batcher.ts";
import { Cancelled, type SubgraphConnection } from "./connection.ts";

export interface DataSourceParts {
  connections: ReadonlyMap<string, SubgraphConnection>;
  sign: SignCaller;
  /** The services that count what comes from one address; reads go without it, so that they are shared. */
  addressCounters: ReadonlySet<string>;
  /** Reads what account's writes did to sessions. */
  takeSessionNews: TakeSessionNews;
  log: Logger;
  metrics: Metrics;
  /** The public one: what clients may find null. */
  schema: GraphQLSchema;
  readTimeoutMs: number;
  writeTimeoutMs: number;
}

/** How the gateway reads from and writes to each subgraph; RemoteGraphQLDataSource costs five times as much. */
export function dataSources(parts: DataSourceParts): Record<string, DataSource> {
  const {
    connections,
    sign,
    addressCounters,
    takeSessionNews,
    log,
    metrics,
    schema,
    readTimeoutMs,
    writeTimeoutMs,
  } = parts;
  const reads = new Map<string, SharedReads>();
  const reportedAt = new Map<string, number>();
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
          ...(context.isKnown && { extensions: { known: true } }),
        });
        const isWrite = request.query?.startsWith("mutation") ?? false;
        const countsByAddress = isWrite && addressCounters.has(name);
        const identity = sign(
          callerAt(context, placeOf(options)),
          name,
          countsByAddress ? context.ip : undefined,
        );
        const startedAt = performance.now();
        try {
          const answer = isWrite
            ? await write(connection, body, identity)
            : await reads.get(name)?.read(body, identity, context.signal);
          if (!isGraphQLAnswer(answer)) throw new Error("Answered with something that is no GraphQL result");
          if (isWrite && name === "account") await takeSessionNews(answer, context);
          return answer;
        } catch (error) {
          report(name, error);
          return nameGap(serviceUnavailable(name, isWrite && !wasRefused(error)), options, schema);
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

  function report(service: string, error: unknown): void {
    if (error instanceof Cancelled) return;
    metrics.subgraphFailures.labels(service).inc();
    // One line a second says what a thousand would.
    const now = Date.now();
    if (now - (reportedAt.get(service) ?? 0) < 1000) return;
    reportedAt.set(service, now);
    log.warn({ service, reason: reasonOf(error) }, "a subgraph did not answer");
  }
}

/** Where in the operation the fetch's answer goes. */
function placeOf(options: FetchOptions): (string | number)[] {
  return "pathInIncomingRequest" in options ? (options.pathInIncomingRequest ?? []) : [];
}

function contextOf(options: FetchOptions): RequestContext {
  if ("incomingRequestContext" in options) return options.context;
  throw new Error("Only clients' operations are sent to subgraphs");
}

function isGraphQLAnswer(answer: unknown): answer is FetchResult {
  return typeof answer === "object" && answer !== null && ("data" in answer || "errors" in answer);
}

/** Nobody listened, so nothing can have been carried out. */
function wasRefused(error: unknown): boolean {
  return error instanceof Error && "code" in error && error.code === "ECONNREFUSED";
}

function reasonOf(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  return "code" in error ? `${String(error.code)}: ${error.message}` : error.message;
}
