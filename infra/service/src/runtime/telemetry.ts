import { collectDefaultMetrics, Counter, Gauge, Histogram, register } from "prom-client";

export type { Logger } from "pino";
export { openLog } from "./log.ts";

let hasDefaults = false;

/** All metrics of this process in Prometheus' text form. */
export async function metricsText(): Promise<string> {
  if (!hasDefaults) collectDefaultMetrics();
  hasDefaults = true;
  return register.metrics();
}

export const eventsHandled = new Counter({
  name: "shop_events_handled_total",
  help: "Events handled, by service, type and outcome",
  labelNames: ["service", "type", "outcome"],
});

export const requestSeconds = new Histogram({
  name: "shop_subgraph_request_seconds",
  help: "Time from a GraphQL request's arrival at a subgraph to its answer",
  labelNames: ["service"],
  buckets: [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 5],
});

/** Events of the relay's last batch; at the maximum (500) more are waiting. */
export const outboxBatch = new Gauge({
  name: "shop_outbox_batch_events",
  help: "Events in the relay's last batch",
  labelNames: ["service"],
});

export const deadLetters = new Counter({
  name: "shop_dead_letters_total",
  help: "Events put into dead_letters, by service",
  labelNames: ["service"],
});

/** Dead letters in the table; above 0 an operator must read their reasons. */
export const deadLettersKept = new Gauge({
  name: "shop_dead_letters",
  help: "Events that lie in dead_letters, by service",
  labelNames: ["service"],
});

export const broadcastsDropped = new Counter({
  name: "shop_broadcasts_dropped_total",
  help: "Broadcasts whose subscriber failed, by its service",
  labelNames: ["service"],
});
