import type { Dispute, FailureCode, Payment, PaymentStatus } from "./domain/index.ts";

/** A row of `payments`, as migrations/ says. */
export type Row = {
  id: string;
  order_id: string;
  version: number;
  status: string;
  amount: number | null;
  currency: string | null;
  is_reserved: boolean;
  ended: string | null;
  attempt: number;
  token: string | null;
  next_attempt: number | null;
  next_token: string | null;
  intent_id: string | null;
  past_intents: string[];
  client_secret: string | null;
  failure_reason: string | null;
  failure_code: string | null;
  refunded: number;
  dispute: Dispute | null;
  cause: string | null;
};

export function rowOf(state: Payment): Row {
  const { id, version, status, total, ended, attempt, token, next, refunded, cause } = state;
  return {
    id,
    order_id: state.orderId,
    version,
    status,
    amount: total?.amount ?? null,
    currency: total?.currency ?? null,
    is_reserved: state.isReserved,
    ended,
    attempt,
    token,
    next_attempt: next?.attempt ?? null,
    next_token: next?.token ?? null,
    intent_id: state.intentId,
    past_intents: state.pastIntents,
    client_secret: state.clientSecret,
    failure_reason: state.failureReason,
    failure_code: state.failureCode,
    refunded,
    dispute: state.dispute,
    cause,
  };
}

export function stateOf(row: Row): Payment {
  const { id, version, amount, currency, ended, attempt, token, next_attempt, next_token, refunded, cause } =
    row;
  return {
    id,
    orderId: row.order_id,
    version,
    // Only ever written by rowOf.
    status: row.status as PaymentStatus,
    total: amount === null || currency === null ? null : { amount, currency },
    isReserved: row.is_reserved,
    ended,
    attempt,
    token,
    next: next_attempt === null || next_token === null ? null : { attempt: next_attempt, token: next_token },
    intentId: row.intent_id,
    pastIntents: row.past_intents,
    clientSecret: row.client_secret,
    failureReason: row.failure_reason,
    failureCode: row.failure_code as FailureCode | null,
    refunded,
    dispute: row.dispute,
    cause,
  };
}
