export { openBus, type Bus } from "./messaging/bus.ts";
export type { RequestHandlers } from "./messaging/request-reply.ts";
export { AsyncQueue, QueueOverflow } from "./runtime/async-queue.ts";
export { backoffMs } from "./runtime/backoff.ts";
export { createWakeup, pollLoop, sleep, type PollLoop } from "./runtime/poll-loop.ts";
export { messageOf } from "./runtime/message-of.ts";
export { withTimeout } from "./runtime/with-timeout.ts";
export { jsonSetting, readConfig } from "./runtime/config.ts";
export { badInput, codedError, forbidden, unauthenticated, unavailable, notFound } from "./runtime/errors.ts";
export { unnestIds } from "./postgres/unnest-ids.ts";
export { isConnectionLoss, isStoreFailure, TransactionEnded } from "./postgres/guarded-transaction.ts";
export { earlierAnswer, idempotent, keyReused, inputHash, type Claim } from "./postgres/idempotency.ts";
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
} from "./identity/identity.ts";
export { handleOnce } from "./messaging/handle-once.ts";
export { isReadable, signReference, type Reference } from "./identity/reference-proof.ts";
export { openSecret, sealSecret } from "./identity/sealed-secret.ts";
export { done, parked, retry, type Outcome } from "./messaging/outcome.ts";
export type { Postgres, ShopSql, Tx } from "./postgres/transaction.ts";
export { openPostgres } from "./postgres/open-postgres.ts";
export type { EventHandlers, Projection } from "./messaging/event-handlers.ts";
export type { Route } from "./graphql/http-server.ts";
export {
  defineService,
  startService,
  type Kit,
  type Parts,
  type RunningService,
  type ServiceDefinition,
} from "./service.ts";
export type { Context } from "./graphql/subgraph.ts";
export { defineTask } from "./tasks/define-task.ts";
export type { Task, TaskKinds } from "./tasks/task-queue.ts";
export { metricsText, openLog, type Logger } from "./runtime/telemetry.ts";
export { event, ignored } from "@shop/events";
export { userError, type UserError } from "@shop/values";
