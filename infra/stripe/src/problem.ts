import type { Intent } from "./payment-intent.ts";

/** What Stripe answers instead of an object: thrown by whoever finds it, shaped here once. */
export class Problem extends Error {
  readonly status: number;
  readonly body: ProblemBody;

  constructor(status: number, body: ProblemBody) {
    super(body.message);
    this.status = status;
    this.body = body;
  }
}

export type ProblemBody = {
  type: "invalid_request_error" | "card_error" | "idempotency_error" | "api_error";
  message: string;
  code?: string;
  decline_code?: string;
  param?: string;
  charge?: string;
  payment_intent?: Intent;
};

export function badRequest(code: string, message: string, param?: string): Problem {
  return new Problem(400, { type: "invalid_request_error", code, message, ...(param && { param }) });
}

export function missingParameter(param: string): Problem {
  return badRequest("parameter_missing", `Missing required param: ${param}.`, param);
}

export function noSuch(what: string, id: string): Problem {
  return new Problem(404, {
    type: "invalid_request_error",
    code: "resource_missing",
    message: `No such ${what}: '${id}'`,
    param: what === "payment_intent" ? "intent" : "id",
  });
}

export function unexpectedState(intent: Intent, act: string, allowed: string[]): Problem {
  return new Problem(400, {
    type: "invalid_request_error",
    code: "payment_intent_unexpected_state",
    message: `This PaymentIntent could not be ${act} because it has a status of ${intent.status}. Only a PaymentIntent with one of the following statuses may be ${act}: ${allowed.join(", ")}.`,
    payment_intent: intent,
  });
}

export const keyReused = (key: string) =>
  new Problem(400, {
    type: "idempotency_error",
    message: `Keys for idempotent requests can only be used with the same parameters they were first used with. Try using a key other than '${key}' if you meant to execute a different request.`,
  });

export const keyInUse = (key: string) =>
  new Problem(409, {
    type: "idempotency_error",
    code: "idempotency_key_in_use",
    message: `There is currently another in-progress request using this Idempotent Key (${key}). Please try again later.`,
  });
