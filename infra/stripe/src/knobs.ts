import { badRequest } from "./problem.ts";
import { text, type Params } from "./form.ts";

/** How badly the stand-in behaves; changed while it runs by `POST /v1/test/knobs`. */
export type Knobs = {
  latencyMs: number;
  /** Share of requests that are carried out, and whose answer is then lost. */
  lostResponses: number;
  /** Share of webhooks that are delivered a second time. */
  duplicateWebhooks: number;
  webhookDelayMs: number;
  /** Share of refunds that stay pending until `/v1/test/refunds/:id/settle`. */
  pendingRefunds: number;
};

const variables: Record<keyof Knobs, [variable: string, byDefault: number]> = {
  latencyMs: ["STRIPE_LATENCY_MS", 0],
  lostResponses: ["STRIPE_LOST_RESPONSES", 0],
  duplicateWebhooks: ["STRIPE_DUPLICATE_WEBHOOKS", 0],
  webhookDelayMs: ["STRIPE_WEBHOOK_DELAY_MS", 200],
  pendingRefunds: ["STRIPE_PENDING_REFUNDS", 0],
};
const shares = new Set<keyof Knobs>(["lostResponses", "duplicateWebhooks", "pendingRefunds"]);
const names = Object.keys(variables) as (keyof Knobs)[];

export function knobsFrom(environment: NodeJS.ProcessEnv): Knobs {
  const values = names.map((name) => {
    const [variable, byDefault] = variables[name];
    return [name, environment[variable] ? parsed(name, environment[variable]) : byDefault];
  });
  return Object.fromEntries(values) as Knobs;
}

export function setKnobs(knobs: Knobs, params: Params): Knobs {
  for (const name of Object.keys(params)) {
    const known = names.find((one) => one === name);
    if (!known) throw badRequest("parameter_unknown", `Received unknown parameter: ${name}`, name);
    knobs[known] = parsed(known, text(params, name) ?? "");
  }
  return knobs;
}

function parsed(name: keyof Knobs, value: string): number {
  const number = Number(value);
  const isShare = shares.has(name);
  if (!(number >= 0) || (isShare && number > 1)) {
    throw badRequest(
      "parameter_invalid",
      `${name} must be ${isShare ? "from 0 to 1" : "0 or more"}: ${value}`,
      name,
    );
  }
  return number;
}
