import {
  createServer,
  type IncomingHttpHeaders,
  type IncomingMessage,
  type Server,
  type ServerResponse,
} from "node:http";
import type { ServiceName } from "@shop/events";
import type { ExecutionArgs, ExecutionResult, FormattedExecutionResult, GraphQLError } from "graphql";
import { WebSocketServer } from "ws";
import { codedError } from "../runtime/errors.ts";
import { closeSocket, serveGraphqlSockets, type SocketLimits } from "./graphql-sockets.ts";
import { identityHeader, type Identity } from "../identity/identity.ts";
import { refusedErrors, refusedSubscription } from "./refused-subscription.ts";
import { requestIdIn } from "./request-id.ts";
import { drain, listen, readBody, sendJson } from "../runtime/http.ts";
import type { Readiness } from "../runtime/readiness.ts";
import type { GraphRequest, PreparedSubscription, Subgraph } from "./subgraph.ts";
import { metricsText, requestSeconds, type Logger } from "../runtime/telemetry.ts";

/** A route besides the graph, such as a provider's webhook. */
export type Route = (request: {
  headers: IncomingHttpHeaders;
  rawBody: Buffer;
}) => Promise<{ status: number; body: string }>;

/** The launcher's name for this process: its probe accepts the answer of no other process. */
const instance = process.env["SHOP_INSTANCE"];
/** Maximum body that a subgraph takes from the gateway. */
const maxBytes = 16 * 1024 * 1024;
/** Maximum operations of one array batch. */
const maxBatched = 100;

/** Serves a subgraph on loopback (HOST changes that): /graphql over HTTP and graphql-ws, /healthz, /readyz, /metrics and its routes. */
export async function serve(input: {
  service: ServiceName;
  port: number;
  host: string;
  subgraph: Subgraph;
  verify: (token: string | undefined) => Identity | undefined;
  routes: Readonly<Record<string, Route>>;
  readiness: () => Promise<Readiness>;
  log: Logger;
}): Promise<{ url: string; stop: () => Promise<void> }> {
  const { subgraph, verify, log } = input;
  const seconds = requestSeconds.labels(input.service);
  const server = createServer((request, response) => {
    handle(request, response).catch((error: unknown) => {
      log.error({ err: error, url: request.url }, "a request failed");
      if (!response.headersSent) sendJson(response, 500, { errors: [{ message: "failed" }] });
      else response.destroy();
    });
  });
  server.keepAliveTimeout = 75_000;

  async function handle(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const path = (request.url ?? "/").split("?", 1)[0] ?? "/";
    if (instance && (path === "/healthz" || path === "/readyz"))
      response.setHeader("x-shop-instance", instance);
    const route = input.routes[`${request.method} ${path}`];
    if (route) {
      const answer = await route({ headers: request.headers, rawBody: await readBody(request, maxBytes) });
      response.writeHead(answer.status, { "content-type": "text/plain" }).end(answer.body);
    } else if (path === "/graphql" && request.method === "POST") {
      await graphql(request, response);
    } else if (path === "/healthz") {
      sendJson(response, 200, { status: "ok" });
    } else if (path === "/readyz") {
      const readiness = await input.readiness();
      sendJson(response, readiness.status === "not ready" ? 503 : 200, readiness);
    } else if (path === "/metrics") {
      response.writeHead(200, { "content-type": "text/plain; version=0.0.4" }).end(await metricsText());
    } else {
      sendJson(response, 404, { errors: [{ message: `nothing is served at ${path}` }] });
    }
  }

  async function graphql(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const stopTimer = seconds.startTimer();
    const header = request.headers[identityHeader];
    const identity = verify(typeof header === "string" ? header : undefined);
    if (!identity) {
      request.resume();
      return sendJson(response, 401, { errors: [notVouchedFor()] });
    }
    const body = parseJson(await readBody(request, maxBytes));
    const requests = Array.isArray(body) ? (body as unknown[]) : [body];
    if (requests.length > maxBatched || !requests.every(isGraphRequest)) {
      return sendJson(response, 400, {
        errors: [codedError("BAD_USER_INPUT", "expected a GraphQL request as JSON")],
      });
    }
    const results = await Promise.all(requests.map((one) => subgraph.run(one, identity)));
    sendJson(response, 200, Array.isArray(body) ? results : results[0]);
    stopTimer();
  }

  const stopSockets = serveSockets(server, subgraph, verify);
  const port = await listen(server, { port: input.port, host: input.host });
  return {
    url: `http://${input.host}:${port}`,
    async stop() {
      await stopSockets();
      await drain(server, 5_000);
    },
  };
}

/** A gateway reads the events of all its clients over one socket: 10,000 of 2 KB may wait at once. */
const gatewayLimits: SocketLimits = {
  maxWaitingBytes: 64 * 2 ** 20,
  maxWaitingBytesInAll: 128 * 2 ** 20,
  patienceMs: 15_000,
};

/** graphql-ws on the same port; who is asking is signed on each operation, so that one socket serves many callers. */
function serveSockets(
  server: Server,
  subgraph: Subgraph,
  verify: (token: string | undefined) => Identity | undefined,
): () => Promise<void> {
  const sockets = new WebSocketServer({ server, path: "/graphql", maxPayload: 1024 * 1024 });
  const prepared = new WeakMap<ExecutionArgs, PreparedSubscription>();
  const take = serveGraphqlSockets<undefined, object>(
    {
      onSubscribe(_socket, _id, payload) {
        const token = payload.extensions?.["identity"];
        const identity = verify(typeof token === "string" ? token : undefined);
        if (!identity) return [notVouchedFor()];
        const subscription = subgraph.prepare(payload, identity);
        if (!("args" in subscription)) return [...subscription];
        prepared.set(subscription.args, subscription);
        forget(payload);
        return subscription.args;
      },
      async subscribe(args) {
        const subscription = prepared.get(args);
        if (!subscription) throw new Error("a subscription that was prepared is gone");
        let isRunning = false;
        try {
          const events = await subscription.subscribe();
          isRunning = Symbol.asyncIterator in events;
          return Symbol.asyncIterator in events ? events : refusedSubscription(events.errors ?? []);
        } finally {
          if (!isRunning) subscription[Symbol.dispose]();
        }
      },
      onNext: (_socket, _id, payload, _args, result) =>
        toWire(subgraph.present(result as ExecutionResult, requestIdIn(payload))),
      onError: (_socket, _id, payload, errors) =>
        subgraph
          .present({ errors: refusedErrors(errors) }, requestIdIn(payload))
          .errors?.map((error) => error.toJSON()),
    },
    gatewayLimits,
  );
  sockets.on("connection", take);
  return async () => {
    for (const client of sockets.clients) closeSocket(client, 1001, "Going away");
    await new Promise<void>((resolve) => sockets.close(() => resolve()));
  };
}

/** graphql-ws keeps an operation's message while it runs: 1 KB for each of thousands of followers. */
function forget(payload: { query?: unknown; extensions?: unknown }): void {
  delete payload.query;
  delete payload.extensions;
}

function toWire({ errors, ...rest }: ExecutionResult): FormattedExecutionResult {
  return errors ? { ...rest, errors: errors.map((error) => error.toJSON()) } : rest;
}

function notVouchedFor(): GraphQLError {
  return codedError(
    "UNAUTHENTICATED_CALLER",
    `This subgraph answers only the gateway: ${identityHeader} is missing, expired, or signed for somebody else.`,
  );
}

function isGraphRequest(value: unknown): value is GraphRequest {
  return typeof value === "object" && value !== null && "query" in value;
}

function parseJson(body: Buffer): unknown {
  try {
    return JSON.parse(body.toString("utf8"));
  } catch {
    return undefined;
  }
}
