import { readFile } from "node:fs/promises";
import { drain, listen } from "@shop/service/http";
import { sleep } from "@shop/service/poll-loop";
import { readOperations } from "@shop/values/operations";
import type { Logger } from "pino";
import type { GatewayConfig } from "./config.ts";
import { startGraphqlServer } from "./graphql-server.ts";
import { dataSources } from "./subgraphs/data-source.ts";
import { DocumentCache } from "./graph/document-cache.ts";
import { needsPlan, operationExecutor } from "./graph/execute-operation.ts";
import { SubgraphConnection } from "./subgraphs/connection.ts";
import { LoadedSupergraph } from "./graph/supergraph.ts";
import { bankPage } from "./http/bank-page.ts";
import { isFromInside, isFromThisMachine } from "./http/client-address.ts";
import { graphqlEndpoint } from "./http/graphql-endpoint.ts";
import { createHttpServer } from "./http/http-server.ts";
import { knownOperations } from "./http/known-operation.ts";
import { createReadiness } from "./http/readiness.ts";
import { stripeWebhook } from "./http/stripe-webhook.ts";
import { revokedSessions } from "./identity/revoked-sessions.ts";
import { sessionChanges } from "./identity/apply-session-changes.ts";
import { callerSigner } from "./identity/sign-caller.ts";
import { tokenVerifier } from "./identity/verify-token.ts";
import { pollRevokedSessions } from "./identity/poll-revoked-sessions.ts";
import { planKnownOperations } from "./graph/known-operations.ts";
import { costCharger } from "./limits/charge-cost.ts";
import { createCostBudget, type BudgetLimits } from "./limits/cost-budget.ts";
import { fieldWeights } from "./limits/field-weights.ts";
import { operationGuard } from "./limits/guard-operation.ts";
import { UncachedDocumentQueue } from "./limits/uncached-document-queue.ts";
import { connectRedis, settled } from "./limits/redis-connection.ts";
import { createAttemptThrottle } from "./limits/attempt-throttle.ts";
import { errorMasker } from "./errors/mask-errors.ts";
import { createMetrics } from "./metrics.ts";
import { explorerPage } from "./pages/explorer-page.ts";
import { sandboxPage } from "./pages/sandbox-page.ts";
import { serveSockets } from "./sockets/socket-server.ts";
import { socketOperations } from "./sockets/socket-operations.ts";
import { socketQuota } from "./limits/socket-quota.ts";
import { federatedSubscriptions } from "./sockets/subscribe.ts";
import { SubscriptionQuota, type SubscriptionLimits } from "./limits/subscription-quota.ts";
import { SubscriptionClients } from "./subgraphs/subscription-clients.ts";

export interface Gateway {
  /** The number of running subscriptions. */
  subscriptions(): number;
  /** The number of open client sockets. */
  sockets(): number;
  url: string;
  /** Stops accepting, waits up to 10 s for requests in flight, and closes the sockets. */
  stop(): Promise<void>;
}

const supergraphFile = new URL("../../schema/supergraph/supergraph.graphql", import.meta.url);
const drainMs = 10_000;

/** Wires the gateway's modules and listens. `sdl` replaces the checked-in supergraph (tests). */
export async function startGateway(config: GatewayConfig, log: Logger, sdl?: string): Promise<Gateway> {
  const supergraph = new LoadedSupergraph(sdl ?? (await readFile(supergraphFile, "utf8")));
  const metrics = createMetrics();
  const mask = errorMasker(log, metrics);
  const connections = connect(supergraph.serviceNames, config.SUBGRAPHS);
  const sign = callerSigner(config.IDENTITY_MASTER_KEY);
  const revoked = revokedSessions();
  const verify = tokenVerifier(config.JWKS, revoked);
  const redis = connectRedis(config.REDIS_URL, log);
  const hasLimits = config.LIMITS === "on";
  const throttle = hasLimits ? createAttemptThrottle(redis) : undefined;
  if (!throttle)
    log.warn(
      "LIMITS=off: NOTHING THROTTLES log-in, sign-up and entering a sale, and no cost is charged. For load tests only.",
    );
  const charge = hasLimits ? costCharger(createCostBudget(redis, budgetLimits(config)), metrics) : undefined;
  const weights = fieldWeights(supergraph.sdl);
  const guard = operationGuard({ schema: supergraph.apiSchema, weights, metrics, throttle, charge });
  const services = dataSources({
    connections,
    sign,
    // A load test makes thousands of carts from one address: cart then gets no address to count them by.
    addressCounters: new Set(hasLimits ? ["order", "cart"] : ["order"]),
    applySessionChanges: sessionChanges(verify, revoked, log),
    log,
    metrics,
    schema: supergraph.apiSchema,
    readTimeoutMs: config.READ_TIMEOUT_MS,
    writeTimeoutMs: config.WRITE_TIMEOUT_MS,
  });
  const documents = new DocumentCache();
  const executeOperation = operationExecutor(supergraph, services);
  const server = await startGraphqlServer({
    schema: supergraph.apiSchema,
    executeOperation,
    guard,
    mask,
    documents,
    uncachedDocuments: new UncachedDocumentQueue({ isPerAddress: hasLimits }),
    charge,
    needsPlan: needsPlan(supergraph),
    log,
  });
  const operations = readOperations();
  const subscriptionClients = new SubscriptionClients(connections);
  let isDraining = false;

  const trustedProxies = config.TRUST_PROXY;
  const answerKnown = knownOperations({ documents, executeOperation, guard, mask });
  const http = createHttpServer({
    graphql: graphqlEndpoint({ server, answerKnown, verify, metrics, charge, trustedProxies }),
    stripeWebhook: stripeWebhook(connections.get("payment"), log),
    bankPage: config.BANK_PAGE_URL === undefined ? undefined : bankPage(config.BANK_PAGE_URL, log),
    isMetricsReader: config.METRICS_FROM === "network" ? isFromInside : isFromThisMachine,
    readiness: createReadiness({ server, connections, minProducts: config.READY_MIN_PRODUCTS }),
    isDraining: () => isDraining,
    metrics,
    pages: { sandbox: sandboxPage(config.PUBLIC_URL), explorer: explorerPage(operations) },
    log,
  });
  const subscriptionQuota = new SubscriptionQuota(subscriptionLimits(config));
  const subscribe = federatedSubscriptions({
    supergraph,
    services,
    subscriptionClients,
    sign,
    mask,
    metrics,
  });
  const sockets = serveSockets(http, {
    operations: socketOperations({
      server,
      supergraph,
      documents,
      charge,
      guard,
      mask,
      quota: subscriptionQuota,
      subscribe,
    }),
    verify,
    revoked,
    metrics,
    quota: socketQuota({
      inAll: config.MAX_SOCKETS,
      perAddress: hasLimits ? config.MAX_SOCKETS_PER_ADDRESS : undefined,
    }),
    trustedProxies,
    isDraining: () => isDraining,
  });

  const account = connections.get("account");
  const revocationPoll = account && pollRevokedSessions({ account, sign, revoked, log });
  await Promise.all([revocationPoll?.firstPoll, settled(redis)]);
  const { PORT, HOST, LISTEN_FD } = config;
  const port = await listen(http, LISTEN_FD === undefined ? { port: PORT, host: HOST } : { fd: LISTEN_FD });
  void planKnownOperations(supergraph, documents, operations, log);

  return {
    subscriptions: () => subscriptionQuota.running,
    sockets: () => sockets.open,
    url: `http://${config.HOST}:${port}`,
    async stop() {
      if (isDraining) return;
      isDraining = true;
      const deadline = Date.now() + drainMs;
      const drained = drain(http, drainMs);
      while (sockets.running > 0 && Date.now() < deadline) await sleep(20);
      await sockets.close();
      await drained;
      revocationPoll?.stop();
      subscriptionClients.close();
      await server.stop();
      await Promise.all([...connections.values()].map((connection) => connection.close()));
      redis.disconnect();
    },
  };
}

/** The limit in all protects this process' memory, so it holds with LIMITS=off too. */
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
