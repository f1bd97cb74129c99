import { Counter, Gauge, Histogram, Registry, collectDefaultMetrics } from "prom-client";

export type Metrics = ReturnType<typeof createMetrics>;

/** Opens a registry for one gateway: tests run several in one process. */
export function createMetrics() {
  const registry = new Registry();
  const registers = [registry];
  const buckets = [0.002, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10];
  collectDefaultMetrics({ register: registry });
  return {
    registry,
    requestSeconds: new Histogram({
      name: "gateway_request_seconds",
      help: "Time to answer a GraphQL request, by transport.",
      labelNames: ["transport"] as const,
      buckets,
      registers,
    }),
    errors: new Counter({
      name: "gateway_errors_total",
      help: "Errors in answers, by code.",
      labelNames: ["code"] as const,
      registers,
    }),
    subgraphSeconds: new Histogram({
      name: "gateway_subgraph_seconds",
      help: "Time that a subgraph took for one fetch, waiting for its batch included.",
      labelNames: ["subgraph"] as const,
      buckets,
      registers,
    }),
    subgraphFailures: new Counter({
      name: "gateway_subgraph_failures_total",
      help: "Fetches that a subgraph did not answer.",
      labelNames: ["subgraph"] as const,
      registers,
    }),
    sockets: new Gauge({ name: "gateway_sockets", help: "Open client sockets.", registers }),
    subscriptions: new Gauge({ name: "gateway_subscriptions", help: "Running subscriptions.", registers }),
    refusals: new Counter({
      name: "gateway_throttled_total",
      help: "Attempts refused by a throttle, by field.",
      labelNames: ["field"] as const,
      registers,
    }),
  };
}
