import { streamName, type ServiceName } from "@shop/events";
import type { JetStreamClient, NatsConnection } from "nats";
import { backoffMs, bell } from "./backoff.ts";
import { connect, type ShopSql } from "./postgres.ts";
import { outboxBatch, type Logger } from "./telemetry.ts";

type Row = { seq: number; event_id: string; chain: string; subject: string; body: string };

/** Most events of one batch. */
const batchSize = 500;
/** How often the outbox is looked at when nobody pokes. */
const pollMs = 200;
/** Republishing begins this many events before the last that the stream knows: a batch is not published in its log's order. */
const overlap = 1_000;

/**
 * Moves committed events from the outbox to JetStream: one leader per service (a session's advisory lock), in order within
 * a chain, in parallel across chains, and into outbox_log once acknowledged. When the stream has lost its tail or is new,
 * publishes the log again from there; consumers drop what they have had.
 */
export function startRelay(input: {
  service: ServiceName;
  databaseUrl: string;
  js: JetStreamClient;
  nc: NatsConnection;
  ensureStream: () => Promise<void>;
  log: Logger;
}): { poke: () => void; recheck: () => void; [Symbol.asyncDispose](): Promise<void> } {
  const { service, js, log } = input;
  const { ring, wait } = bell();
  const stopping = new AbortController();
  let mustCheck = true;

  const lead = async () => {
    const pool = connect(input.databaseUrl, { service: `${service}-relay`, max: 1 });
    // The lock lives with the session: if postgres.js reconnects, the lock is gone, so every batch asks for it again.
    try {
      for (let failures = 0; !stopping.signal.aborted;) {
        try {
          if (mustCheck && (await takeLead(pool))) {
            // Cleared first: a connection that is lost meanwhile asks for another look.
            mustCheck = false;
            await republishLost(pool, service, input);
          }
          const { isLeader, moved } = await moveBatch(pool, js);
          outboxBatch.set({ service }, moved);
          failures = 0;
          if (moved < batchSize && !stopping.signal.aborted) await wait(isLeader ? pollMs : 1_000);
        } catch (error) {
          failures++;
          mustCheck = true;
          log.warn({ err: error, failures }, "the outbox could not be relayed; trying again");
          if (!stopping.signal.aborted) await wait(backoffMs(failures, 100, 2_000));
          await input.ensureStream().catch(() => undefined);
        }
      }
    } finally {
      await pool.end({ timeout: 2 });
    }
  };
  const running = lead();

  return {
    poke: ring,
    recheck() {
      mustCheck = true;
      ring();
    },
    async [Symbol.asyncDispose]() {
      stopping.abort();
      ring();
      await running;
    },
  };
}

async function takeLead(pool: ShopSql): Promise<boolean> {
  const [row] = await pool<{ held: boolean }[]>`select pg_try_advisory_lock(7001) as held`;
  return row?.held ?? false;
}

async function moveBatch(pool: ShopSql, js: JetStreamClient): Promise<{ isLeader: boolean; moved: number }> {
  const found = await pool<(Row & { held: boolean })[]>`
    with lead as materialized (select pg_try_advisory_lock(7001) as held)
    select held, seq, event_id, chain, subject, body
    from lead left join lateral (select * from outbox order by seq limit ${batchSize}) as due on held
    order by seq`;
  const isLeader = found[0]?.held ?? false;
  const rows = found.filter((row) => row.seq !== null);
  if (rows.length === 0) return { isLeader, moved: 0 };
  const { sent, failure } = await publishInChains(rows, js);
  if (sent.length > 0) {
    await pool`
      with gone as (delete from outbox where seq = any(${sent}::bigint[]) returning seq, event_id, chain, subject, body)
      insert into outbox_log (event_id, chain, subject, body)
      select event_id, chain, subject, body from gone order by seq`;
  }
  if (failure) throw failure;
  return { isLeader, moved: sent.length };
}

async function publishInChains(
  rows: readonly Row[],
  js: JetStreamClient,
): Promise<{ sent: number[]; failure: Error | undefined }> {
  const sent: number[] = [];
  let failure: Error | undefined;
  const chains = Map.groupBy(rows, (row) => row.chain);
  const publishChain = async (chain: readonly Row[]) => {
    for (const row of chain) {
      await js.publish(row.subject, row.body, { msgID: row.event_id, timeout: 5_000 });
      sent.push(row.seq);
    }
  };
  await Promise.all(
    [...chains.values()].map((chain) =>
      publishChain(chain).catch((error: unknown) => {
        failure = error instanceof Error ? error : new Error(String(error));
      }),
    ),
  );
  return { sent, failure };
}

async function republishLost(
  pool: ShopSql,
  service: ServiceName,
  { js, nc, log }: { js: JetStreamClient; nc: NatsConnection; log: Logger },
): Promise<void> {
  const lastId = await lastPublished(nc, service);
  // Acknowledged, but we died before the log had it: nothing after it can be lost.
  const [pending] = await pool`select 1 from outbox where event_id = ${lastId ?? null}::uuid limit 1`;
  if (pending) return;
  const [from] = await pool<{ no: number | null; newest: number | null }[]>`
    select (select published_no from outbox_log where event_id = ${lastId ?? null}::uuid order by 1 desc limit 1) as no,
           (select max(published_no) from outbox_log) as newest`;
  if (!from?.newest || from.no === from.newest) return;
  let after = Math.max(0, (from.no ?? 0) - overlap);
  for (;;) {
    const rows = await pool<(Row & { published_no: number })[]>`
      select published_no as seq, published_no, event_id, chain, subject, body from outbox_log
      where published_no > ${after} order by published_no limit ${batchSize}`;
    const last = rows.at(-1);
    if (!last) return;
    const { failure } = await publishInChains(rows, js);
    if (failure) throw failure;
    log.warn({ events: rows.length, upTo: last.published_no }, "the stream had lost events; published again");
    after = last.published_no;
  }
}

/** By the direct way, whose subject names what is read: a service may be let see its own events only. */
async function lastPublished(nc: NatsConnection, service: ServiceName): Promise<string | undefined> {
  const subject = `$JS.API.DIRECT.GET.${streamName}.evt.${service}.>`;
  const message = await nc.request(subject, undefined, { timeout: 5_000 });
  const code = message.headers?.code;
  if (code === 404) return undefined;
  if (code) throw new Error(`the stream's last event could not be read: ${message.headers?.description}`);
  const { id } = message.json<{ id: string }>();
  return id;
}
