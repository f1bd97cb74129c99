import type { ServiceName } from "@shop/events";
import type { NatsConnection } from "nats";
import { messageOf } from "../runtime/message-of.ts";
import { createWakeup, pollLoop } from "../runtime/poll-loop.ts";
import type { Bus } from "./bus.ts";
import type { ShopSql } from "../postgres/transaction.ts";
import { connect } from "../postgres/connect.ts";
import { outboxBatches, outboxBatchSize } from "./outbox-batches.ts";
import type { Outgoing } from "./publish.ts";
import { republishPace } from "./republish-pace.ts";
import { noteLoss, publishAgain, readPosition, whatIsLost, type Position } from "./stream-loss.ts";
import { outboxBatch, type Logger } from "../runtime/telemetry.ts";

/** How often the outbox is polled without a wake-up. */
const pollMs = 200;
/** How often an instance that is not the leader asks for the lead. */
const followEveryMs = 1_000;
/** How soon the relay polls whether lost events may go on being published; a new event ends the wait. */
const paceMs = 20;
/** However many new events wait, a batch of lost ones goes between them this often. */
const starvedAfterMs = 1_000;
/** How often the leader compares the stream with what it knows of it. */
const checkEveryMs = 2_000;

/**
 * Moves committed events from the outbox to JetStream: one leader per service (a session's advisory lock), in order within
 * a chain, in parallel across chains, and into outbox_log soon after they are acknowledged. Events that the stream has lost
 * since are published again from the log, newest first, whenever no new one waits and the consumers are not behind; the
 * consumers drop those that they have had.
 *
 * It publishes by a connection of its own that never reconnects: a server that comes back with an older store is compared
 * with the log before anything new is published on top, which would hide what is missing.
 */
export function startRelay(input: { service: ServiceName; databaseUrl: string; bus: Bus; log: Logger }): {
  /** Takes the events of a commit. */
  hand: (events: readonly Outgoing[]) => void;
  recheck: () => void;
  /** Why nothing is published now; undefined while it goes well, or another instance leads. */
  trouble: () => string | undefined;
  [Symbol.asyncDispose](): Promise<void>;
} {
  const { service, bus, log } = input;
  const wakeup = createWakeup();
  let nc: NatsConnection | undefined;
  let position: Position | undefined;
  let checkedAt = 0;
  let trouble: string | undefined;
  let republishedAt = 0;
  let polledAt = 0;
  const batches = outboxBatches();
  const mayRepublish = republishPace(bus);

  const publisher = async (): Promise<NatsConnection> => {
    if (nc && !nc.isClosed()) return nc;
    checkedAt = 0;
    nc = await bus.connectPublisher();
    return nc;
  };

  const check = async (pool: ShopSql, connection: NatsConnection): Promise<Position> => {
    // The log and the position are compared with the stream, so they must have what was acknowledged.
    await batches.clear(pool);
    // After trouble the stream may be another, and the service may have had another leader.
    const known = checkedAt === 0 || !position ? await readPosition(pool) : position;
    const begunAt = Date.now();
    const found = await whatIsLost(pool, service, bus, connection, known);
    if (found.loss) log.warn({ loss: found.loss }, "the stream has lost events; they are published again");
    const next = await noteLoss(pool, { ...found, known });
    checkedAt = begunAt;
    return next;
  };

  /** One batch of the outbox, and where that leaves time one of the log that is to be published again. */
  const turn = async (pool: ShopSql): Promise<{ isLeader: boolean; moved: number }> => {
    if (!position && !(await takeLead(pool))) {
      batches.forget();
      return { isLeader: false, moved: 0 };
    }
    const connection = await publisher();
    const now = Date.now() - checkedAt > checkEveryMs || !position ? await check(pool, connection) : position;
    position = now;
    const isPolling = Date.now() - polledAt >= pollMs;
    if (isPolling) polledAt = Date.now();
    const done = await batches.publishNext(pool, connection, now, { isPolling });
    if (batches.clearInMs() === 0) await batches.clear(pool);
    position = done.isLeader ? done.position : undefined;
    if (position?.again) await goOnRepublishing(pool, connection, position, done.moved === outboxBatchSize);
    return done;
  };

  const goOnRepublishing = async (
    pool: ShopSql,
    connection: NatsConnection,
    now: Position,
    isBusy: boolean,
  ): Promise<void> => {
    const isDue = Date.now() - republishedAt > starvedAfterMs;
    if (!now.again || (isBusy && !isDue) || !(await mayRepublish())) return;
    republishedAt = Date.now();
    position = await publishAgain(pool, connection, { ...now, again: now.again }, log);
    // Consumers are degraded until it ends; where this doesn't reach the provisioner, it assumes the end after seconds.
    if (!position.again) await bus.provision(undefined, { republishing: false }).catch(() => undefined);
  };

  // The lock lives with the session: if postgres.js reconnects, the lock is gone, so every batch asks for it again.
  const pool = connect(input.databaseUrl, { service: `${service}-relay`, max: 1 });
  const onError = (error: unknown, failures: number) => {
    position = undefined;
    checkedAt = 0;
    batches.forget();
    trouble = messageOf(error);
    log.warn({ err: error, failures }, "the outbox could not be relayed; trying again");
  };
  const backoff = { firstMs: 100, maxMs: 2_000, isWakeable: true };
  const loop = pollLoop({ everyMs: pollMs, wakeup, backoff, onError }, async () => {
    const { isLeader, moved } = await turn(pool);
    outboxBatch.set({ service }, moved);
    trouble = position?.again && "events that the stream has lost are being published again";
    if (moved >= outboxBatchSize) return 0;
    if (!isLeader) return followEveryMs;
    return Math.min(position?.again ? paceMs : pollMs, batches.clearInMs() ?? pollMs);
  });

  return {
    hand(events) {
      batches.hand(events);
      wakeup.wake();
    },
    recheck() {
      checkedAt = 0;
      wakeup.wake();
    },
    trouble: () => trouble,
    async [Symbol.asyncDispose]() {
      await loop[Symbol.asyncDispose]();
      await batches.clear(pool).catch(() => undefined);
      await nc?.close().catch(() => undefined);
      await pool.end({ timeout: 2 });
    },
  };
}

async function takeLead(pool: ShopSql): Promise<boolean> {
  const [row] = await pool<{ held: boolean }[]>`select pg_try_advisory_lock(7001) as held`;
  return row?.held ?? false;
}
