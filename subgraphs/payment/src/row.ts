import type { Payment, PaymentStatus } from "./domain/index.ts";
import type { payments } from "./tables.ts";

type Row = typeof payments.$inferSelect;

/** A payment as its row: amounts and wishes lie flat. */
export function rowOf({ total, next, ...same }: Payment): Omit<Row, "createdAt" | "updatedAt"> {
  return {
    ...same,
    amount: total?.amount ?? null,
    currency: total?.currency ?? null,
    nextAttempt: next?.attempt ?? null,
    nextToken: next?.token ?? null,
  };
}

export function stateOf(row: Row): Payment {
  const { amount, currency, nextAttempt, nextToken, createdAt: _born, updatedAt: _moved, ...same } = row;
  return {
    ...same,
    // Only ever written by rowOf.
    status: row.status as PaymentStatus,
    total: amount === null || currency === null ? null : { amount, currency },
    next: nextAttempt === null || nextToken === null ? null : { attempt: nextAttempt, token: nextToken },
  };
}
