import { readFile } from "node:fs/promises";
import type { AddressInfo } from "node:net";
import { readOperations } from "@shop/values/operations";
import { Redis } from "ioredis";
import type { Logger } from "pino";
import type { GatewayConfig } from "./config.ts";
import { startApolloServer } from "./graphql-server.ts";
import { dataSources } from "./subgraphs/data-source.ts";
import { Documents } from "./graph/document-cache.ts";
import { needsPlan, supergraphExecutor } from "./graph/execute-operation.ts";
import { SubgraphConnection } from "./subgraphs/connection.ts";
import { LoadedSupergraph } from "./graph/supergraph.ts";
import { bankPage } from "./http/bank-page.ts";
import { isFromInside, isFromThisMachine } from "./http/client-address.ts";
import { graphqlEndpoint } from "./http/graphql-endpoint.ts";
import { createHttpServer } from "./http/http-server.ts";
import { createReadiness } from "./http/readiness.ts";
import { stripeWebhook } from "./http/stripe-webhook.ts";
import { endedSessions } from "./identity/revoked-sessions.ts";
import { sessionNews } from "./identity/apply-session-changes.ts";
import { callerSigner } from "./identity/sign-caller.ts";
import { tokenVerifier } from "./identity/verify-token.ts";
import { watchEndedSessions } from "./identity/poll-revoked-sessions.ts";
import { planKnownOperations } from "./graph/known-operations.ts";
import { costCharger } from "./limits/charge-cost.ts";
import { createCostBudget, type BudgetLimits } from "./limits/cost-budget.ts";
import { fieldWeights } from "./limits/field-weights.ts";
import { operationGuard } from "./limits/guard-operation.ts";
import { NewDocuments } from "./limits/uncached-document-queue.ts";
import { createThrottle } from "./limits/sign-in-throttle.ts";
import { errorMasker } from "./errors/mask-errors.ts";
import { createMetrics } from "./metrics.ts";
import { explorerPage } from "./pages/explorer-page.ts";
import { sandboxPage } from "./pages/sandbox-page.ts";
import { serveSockets } from "./sockets/socket-server.ts";
import { socketOperations } from "./sockets/socket-operations.ts";
import { socketPlaces } from "./limits/socket-quota.ts";
import { federatedSubscriptions } from "./sockets/subscribe.ts";
import { SubscriptionPlaces, type SubscriptionLimits } from "./limits/subscription-quota.ts";
import { Upstreams } from "./subgraphs/subscription-clients.ts";

export interface Gateway {
  /** Subscriptions that run. */
  followers(): number;
  /** Sockets of clients that are open. */
  sockets(): number;
  url: string;
  /** Stops accepting, lets what is under way end (10 s at most), sends the sockets away. */
  stop(): Promise<void>;
}

const supergraphFile = new URL("../../schema/supergraph/supergraph.graphql", import.meta.url);
const drainMs = 10_000;

/** Wires the gateway's parts together and listens. `sdl` stands in for the checked-in supergraph (tests). */
export async function startGateway(config: GatewayConfig, log: Logger, sdl?: string): Promise<Gateway> {
  const supergraph = new LoadedSupergraph(sdl ?? (await readFile(supergraphFile, "utf8")));
  const metrics = createMetrics();
  const mask = errorMasker(log, metrics);
  const connections = connect(supergraph.serviceNames, config.SUBGRAPHS);
  const sign = callerSigner(config.IDENTITY_MASTER_KEY);
  const ended = endedSessions();
  const verify = tokenVerifier(config.JWKS, ended);
  const redis = connectRedis(config.REDIS_URL, log);
  const throttle = config.LIMITS === "on" ? createThrottle(redis) : undefined;
  if (!throttle)
    log.warn(
      "LIMITS=off: NOTHING THROTTLES log-in and sign-up, and no cost is charged. For load tests only.",
    );
  const charge =
    config.LIMITS === "on" ? costCharger(createCostBudget(redis, budgetLimits(config)), metrics) : undefined;
  const weights = fieldWeights(supergraph.sdl);
  const guard = operationGuard({ schema: supergraph.apiSchema, weights, metrics, throttle, charge });
  const services = dataSources({
    connections,
    sign,
    // A load test makes thousands of carts from one address: cart then counts them as those of an unknown one.
    addressCounters: new Set(config.LIMITS === "on" ? ["order", "cart"] : ["order"]),
    takeSessionNews: sessionNews(verify, ended, log),
    log,
    metrics,
    schema: supergraph.apiSchema,
    readTimeoutMs: config.READ_TIMEOUT_MS,
    writeTimeoutMs: config.WRITE_TIMEOUT_MS,
  });
  const documents = new Documents();
  const server = await startApolloServer({
    schema: supergraph.apiSchema,
    carryOut: supergraphExecutor(supergraph, services),
    guard,
    mask,
    documents,
    newDocuments: new NewDocuments({ isPerAddress: config.LIMITS === "on" }),
    charge,
    needsPlan: needsPlan(supergraph),
    log,
  });
  const operations = readOperations();
  const upstreams = new Upstreams(connections);
  let isDraining = false;

  const trustedProxies = config.TRUST_PROXY;
  const http = createHttpServer({
    graphql: graphqlEndpoint({ server, verify, metrics, charge, trustedProxies }),
    stripeWebhook: stripeWebhook(connections.get("payment"), log),
    bankPage: config.BANK_PAGE_URL === undefined ? undefined : bankPage(config.BANK_PAGE_URL, log),
    isMetricsReader: config.METRICS_FROM === "network" ? isFromInside : isFromThisMachine,
    readiness: createReadiness({ server, connections, minProducts: config.READY_MIN_PRODUCTS }),
    isDraining: () => isDraining,
    metrics,
    pages: { sandbox: sandboxPage(config.PUBLIC_URL), explorer: explorerPage(operations) },
    log,
  });
  const subscriptionPlaces = new SubscriptionPlaces(subscriptionLimits(config));
  const subscribe = federatedSubscriptions({ supergraph, services, upstreams, sign, mask, metrics });
  const sockets = serveSockets(http, {
    operations: socketOperations({
      server,
      supergraph,
      documents,
      charge,
      guard,
      mask,
      places: subscriptionPlaces,
      subscribe,
    }),
    verify,
    ended,
    metrics,
    places: socketPlaces({
      inAll: config.MAX_SOCKETS,
      perAddress: config.LIMITS === "on" ? config.MAX_SOCKETS_PER_ADDRESS : undefined,
    }),
    trustedProxies,
    isDraining: () => isDraining,
  });

  const account = connections.get("account");
  const watch = account && watchEndedSessions({ account, sign, ended, log });
  await Promise.all([watch?.firstLook, settled(redis)]);
  await new Promise<void>((resolve, reject) => {
    http.once("error", reject);
    const place =
      config.LISTEN_FD === undefined ? { port: config.PORT, host: config.HOST } : { fd: config.LISTEN_FD };
    http.listen(place, resolve);
  });
  const { port } = http.address() as AddressInfo;
  void planKnownOperations(supergraph, documents, operations, log);

  return {
    followers: () => subscriptionPlaces.running,
    sockets: () => sockets.open,
    url: `http://${config.HOST}:${port}`,
    async stop() {
      if (isDraining) return;
      isDraining = true;
      const deadline = Date.now() + drainMs;
      const httpEnded = new Promise<void>((resolve) => http.close(() => resolve()));
      // Connections that were busy just now stay open for the client's next request, which must go elsewhere.
      const sweep = setInterval(() => http.closeIdleConnections(), 20);
      while (sockets.running > 0 && Date.now() < deadline) await pause(20);
      await sockets.close();
      await Promise.race([httpEnded, pause(Math.max(0, deadline - Date.now()))]);
      clearInterval(sweep);
      http.closeAllConnections();
      watch?.stop();
      upstreams.close();
      await server.stop();
      await Promise.all([...connections.values()].map((connection) => connection.close()));
      redis.disconnect();
    },
  };
}

/** Those in all protect this process' memory, and so stay with LIMITS=off. */
function subscriptionLimits(config: GatewayConfig): SubscriptionLimits {
  const isOn = config.LIMITS === "on";
  return {
    inAll: config.MAX_SUBSCRIPTIONS,
    perAddress: isOn ? config.MAX_SUBSCRIPTIONS_PER_ADDRESS : undefined,
    perUser: isOn ? config.MAX_SUBSCRIPTIONS_PER_USER : undefined,
  };
}

function connect(names: string[], urls: Record<string, string>): Map<string, SubgraphConnection> {
  const missing = names.filter((name) => !urls[name]);
  if (missing.length > 0) throw new Error(`SUBGRAPHS names no address for: ${missing.join(", ")}`);
  return new Map(names.map((name) => [name, new SubgraphConnection(urls[name] ?? "")]));
}

function budgetLimits({ COST_PER_ADDRESS, COST_PER_USER }: GatewayConfig): BudgetLimits {
  return { perAddress: COST_PER_ADDRESS, perUser: COST_PER_USER };
}

/** Fails at once instead of queueing while Redis is away: the throttles then count in memory. */
function connectRedis(url: string, log: Logger): Redis {
  const redis = new Redis(url, { enableOfflineQueue: false, maxRetriesPerRequest: 1, commandTimeout: 500 });
  redis.on("error", (error) => log.warn({ reason: error.message }, "Redis is away"));
  return redis;
}

/** Waits until Redis is there or refuses, 500 ms at most: what is counted before that counts for this gateway alone. */
async function settled(redis: Redis): Promise<void> {
  if (redis.status === "ready") return;
  const known = new Promise<void>((resolve) => redis.once("ready", resolve).once("error", () => resolve()));
  await Promise.race([known, pause(500)]);
}

function pause(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms).unref());
}
