import { badRequest } from "./stripe-error.ts";
import { text, type Params } from "./form.ts";

/** How badly the stand-in behaves; changed while it runs by `POST /v1/test/faults`. */
export type FaultSettings = {
  latencyMs: number;
  /** Share of requests that are carried out, and whose answer is then lost. */
  lostResponses: number;
  /** Share of webhooks that are delivered a second time. */
  duplicateWebhooks: number;
  webhookDelayMs: number;
  /** Share of refunds that stay pending until `/v1/test/refunds/:id/settle`. */
  pendingRefunds: number;
};

const variables: Record<keyof FaultSettings, [variable: string, byDefault: number]> = {
  latencyMs: ["STRIPE_LATENCY_MS", 0],
  lostResponses: ["STRIPE_LOST_RESPONSES", 0],
  duplicateWebhooks: ["STRIPE_DUPLICATE_WEBHOOKS", 0],
  webhookDelayMs: ["STRIPE_WEBHOOK_DELAY_MS", 200],
  pendingRefunds: ["STRIPE_PENDING_REFUNDS", 0],
};
const shares = new Set<keyof FaultSettings>(["lostResponses", "duplicateWebhooks", "pendingRefunds"]);
const names = Object.keys(variables) as (keyof FaultSettings)[];

export function readFaultSettings(environment: NodeJS.ProcessEnv): FaultSettings {
  const values = names.map((name) => {
    const [variable, byDefault] = variables[name];
    return [name, environment[variable] ? parsed(name, environment[variable]) : byDefault];
  });
  return Object.fromEntries(values) as FaultSettings;
}

export function changeFaultSettings(faults: FaultSettings, params: Params): FaultSettings {
  for (const name of Object.keys(params)) {
    const known = names.find((one) => one === name);
    if (!known) throw badRequest("parameter_unknown", `Received unknown parameter: ${name}`, name);
    faults[known] = parsed(known, text(params, name) ?? "");
  }
  return faults;
}

function parsed(name: keyof FaultSettings, value: string): number {
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
