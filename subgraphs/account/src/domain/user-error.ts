import type { UserError as ErrorWith } from "@shop/values";

export type UserError = ErrorWith<
  | "INVALID_INPUT"
  | "NOT_FOUND"
  | "IDEMPOTENCY_KEY_REUSED"
  | "EMAIL_TAKEN"
  | "BAD_CREDENTIALS"
  | "WEAK_PASSWORD"
  | "TOKEN_EXPIRED"
>;
