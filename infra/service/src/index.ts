export { openBus, type Answers, type Bus } from "./bus.ts";
export { backoffMs, bell, waitMs } from "./backoff.ts";
export { jsonSetting, readConfig } from "./config.ts";
export {
  badInput,
  codedError,
  errorCodes,
  forbidden,
  unauthenticated,
  unavailable,
  unseen,
  userError,
  type UserError,
} from "./errors.ts";
export { asked } from "./asked.ts";
export { isConnectionLoss, isStoreTrouble, TransactionEnded } from "./guard.ts";
export { earlierAnswer, idempotent, IdempotencyKeyReused, inputHash, type Claim } from "./idempotency.ts";
export {
  audienceKey,
  hasRole,
  identityHeader,
  requireRole,
  requireUser,
  roles,
  signIdentity,
  verifyIdentity,
  type Identity,
  type Role,
} from "./identity.ts";
export { handleOnce, type Hears } from "./handle.ts";
export { isReadable, signReference, type Reference } from "./reference-proof.ts";
export { openSecret, sealSecret } from "./secret.ts";
export { done, parked, retry, type Outcome } from "./outcome.ts";
export { openPostgres, type Postgres, type ShopSql, type Tx } from "./postgres.ts";
export type { Projection } from "./projection.ts";
export type { Route } from "./http.ts";
export {
  defineService,
  startService,
  type Kit,
  type Parts,
  type RunningService,
  type ServiceDefinition,
} from "./service.ts";
export type { Context } from "./subgraph.ts";
export type { Task, TaskKinds } from "./tasks.ts";
export { metricsText, openLog, type Logger } from "./telemetry.ts";
export { event, ignored } from "@shop/events";
