import type { GraphQLSchema } from "graphql";
import type { Logger } from "pino";
import { serviceUnavailable } from "../errors/coded-errors.ts";
import type { RequestContext } from "../request-context.ts";
import { callerAt, type ApplySessionChanges } from "../identity/apply-session-changes.ts";
import type { SignCaller } from "../identity/sign-caller.ts";
import type { Metrics } from "../metrics.ts";
import { toFieldErrors, type DataSource, type FetchOptions, type FetchResult } from "./failed-fetch.ts";
import { RequestBatcher } from "./request-batcher.ts";
import { Cancelled, type SubgraphConnection } from "./connection.ts";

export interface DataSourceDeps {
  connections: ReadonlyMap<string, SubgraphConnection>;
  sign: SignCaller;
  /** The services that count the writes of an address; reads carry no address, so that they are shared. */
  addressCounters: ReadonlySet<string>;
  /** Called with account's answer to each write. */
  applySessionChanges: ApplySessionChanges;
  log: Logger;
  metrics: Metrics;
  /** The public schema: it says which fields may be null. */
  schema: GraphQLSchema;
  readTimeoutMs: number;
  writeTimeoutMs: number;
}

/** The gateway's reads and writes of each subgraph; RemoteGraphQLDataSource costs five times as much. */
export function dataSources(deps: DataSourceDeps): Record<string, DataSource> {
  const { connections, sign, addressCounters, applySessionChanges, log, metrics, schema } = deps;
  const batchers = new Map<string, RequestBatcher>();
  const reportedAt = new Map<string, number>();
  for (const [name, connection] of connections) {
    const post = (body: string, identity: string) => connection.post(body, identity, deps.readTimeoutMs);
    batchers.set(name, new RequestBatcher(post));
  }
  return Object.fromEntries([...connections].map(([name, connection]) => [name, source(name, connection)]));

  function source(name: string, connection: SubgraphConnection): DataSource {
    const timer = metrics.subgraphSeconds.labels(name);
    return {
      async process(options) {
        const { request } = options;
        const context = contextOf(options);
        const { requestId, isKnown: known = false } = context;
        const { query, operationName, variables } = request;
        const content = JSON.stringify({ query, operationName, variables });
        const body = `${content.slice(0, -1)},"extensions":${JSON.stringify({ known, requestId })}}`;
        const isWrite = query?.startsWith("mutation") ?? false;
        const countsByAddress = isWrite && addressCounters.has(name);
        const caller = callerAt(context, pathOf(options));
        const identity = sign(caller, name, countsByAddress ? context.ip : undefined);
        const startedAt = performance.now();
        try {
          const answer = isWrite
            ? await write(connection, body, identity)
            : await batchers.get(name)?.read(body, identity, context.signal, `${known} ${content}`);
          if (!isGraphQLAnswer(answer)) throw new Error("Answered with something that is no GraphQL result");
          if (isWrite && name === "account") await applySessionChanges(answer, context);
          return answer;
        } catch (error) {
          report(name, requestId, error);
          return toFieldErrors(serviceUnavailable(name, isWrite && !wasRefused(error)), options, schema);
        } finally {
          timer.observe((performance.now() - startedAt) / 1000);
        }
      },
    };
  }

  async function write(connection: SubgraphConnection, body: string, identity: string): Promise<unknown> {
    // A write is not cancelled when its client leaves: the idempotency key gives its answer later.
    try {
      return await connection.post(body, identity, deps.writeTimeoutMs).answer;
    } finally {
      for (const batcher of batchers.values()) batcher.stopSharing();
    }
  }

  function report(service: string, requestId: string, error: unknown): void {
    if (error instanceof Cancelled) return;
    metrics.subgraphFailures.labels(service).inc();
    // One line a second says what a thousand would say.
    const now = Date.now();
    if (now - (reportedAt.get(service) ?? 0) < 1000) return;
    reportedAt.set(service, now);
    log.warn({ requestId, service, reason: reasonOf(error) }, "a subgraph did not answer");
  }
}

/** The path in the operation at which the fetch's answer is merged. */
function pathOf(options: FetchOptions): (string | number)[] {
  return "pathInIncomingRequest" in options ? (options.pathInIncomingRequest ?? []) : [];
}

function contextOf(options: FetchOptions): RequestContext {
  if ("incomingRequestContext" in options) return options.context;
  throw new Error("Only clients' operations are sent to subgraphs");
}

function isGraphQLAnswer(answer: unknown): answer is FetchResult {
  return typeof answer === "object" && answer !== null && ("data" in answer || "errors" in answer);
}

/** Whether no process listened, so that no write can have been carried out. */
function wasRefused(error: unknown): boolean {
  return error instanceof Error && "code" in error && error.code === "ECONNREFUSED";
}

function reasonOf(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  return "code" in error ? `${String(error.code)}: ${error.message}` : error.message;
}
