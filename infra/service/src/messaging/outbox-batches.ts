import type { NatsConnection } from "nats";
import type { ShopSql } from "../postgres/transaction.ts";
import { publishInChains, type Outgoing, type Sent } from "./publish.ts";
import { noteLoss, type Position } from "./stream-loss.ts";

export const outboxBatchSize = 500;
/** How many events a commit may hand over while others are being published; the outbox has them all. */
const maxHanded = 2_000;
/** How long the row of an acknowledged event stays in the outbox at most: one statement clears the rows of many commits. */
const clearAfterMs = 100;

/**
 * What the relay publishes next. Commits of this process hand over their events, so that an event is published without being
 * read from the outbox first; a poll of the outbox finds those of other instances, and all after a failure. Rows of
 * acknowledged events are moved into outbox_log some milliseconds later, many in one statement: a process that dies before
 * publishes them once more, which JetStream and every inbox drop.
 */
export function outboxBatches() {
  let handed: Outgoing[] = [];
  /** Handed over or published, and not cleared yet: a poll must not take them a second time. */
  const inHand = new Set<number>();
  let sentRows: Sent[] = [];
  let sentSince = 0;
  /** Whether all that was committed before is published: only then do events that are handed over come in order. */
  let isCaughtUp = false;

  /** Forgets what is in memory: the next poll reads it from the outbox. */
  const forget = (): void => {
    handed = [];
    sentRows = [];
    inHand.clear();
    isCaughtUp = false;
  };

  const clear = async (pool: ShopSql): Promise<void> => {
    if (sentRows.length === 0) return;
    const rows = sentRows;
    sentRows = [];
    await pool`
      with gone as (
        delete from outbox using unnest(${rows.map(({ no }) => no)}::bigint[], ${rows.map(({ at }) => at)}::bigint[])
          as sent (no, at)
        where seq = sent.no returning seq, event_id, chain, subject, body, sent.at
      ), acked as (
        update relay_position set acked_seq = greatest(acked_seq, ${Math.max(...rows.map(({ at }) => at))})
      )
      insert into outbox_log (event_id, chain, subject, body, stream_seq)
      select event_id, chain, subject, body, at from gone order by seq`;
    for (const { no } of rows) inHand.delete(no);
  };

  /** The outbox from its beginning, if this session has the relay's lock. */
  const poll = async (pool: ShopSql): Promise<{ isLeader: boolean; rows: Outgoing[] }> => {
    await clear(pool);
    const found = await pool<(Outgoing & { held: boolean })[]>`
      with lead as materialized (select pg_try_advisory_lock(7001) as held)
      select held, seq as no, event_id, chain, subject, body
      from lead left join lateral (select * from outbox order by seq limit ${outboxBatchSize}) as due on held
      order by seq`;
    return { isLeader: found[0]?.held ?? false, rows: found.filter((row) => row.no !== null) };
  };

  return {
    forget,
    clear,
    /** Takes the events of a commit. Those that come while older ones wait in the outbox are left to the poll. */
    hand(events: readonly Outgoing[]): void {
      if (!isCaughtUp) return;
      if (handed.length + events.length > maxHanded) return forget();
      handed.push(...events);
      for (const { no } of events) inHand.add(no);
    },
    /** In how many ms rows are due to be cleared; undefined when there are none. */
    clearInMs: (): number | undefined =>
      sentRows.length === 0 ? undefined : Math.max(0, sentSince + clearAfterMs - Date.now()),
    /** Publishes what was handed over and, with `isPolling`, what the outbox has; gives how many, and whether this session leads. */
    async publishNext(
      pool: ShopSql,
      nc: NatsConnection,
      position: Position,
      { isPolling }: { isPolling: boolean },
    ): Promise<{ isLeader: boolean; moved: number; position: Position }> {
      const polled = isPolling || !isCaughtUp ? await poll(pool) : { isLeader: true, rows: [] };
      if (!polled.isLeader) {
        forget();
        return { isLeader: false, moved: 0, position };
      }
      isCaughtUp = isCaughtUp || polled.rows.length < outboxBatchSize;
      const late = polled.rows.filter(({ no }) => !inHand.has(no));
      const rows = [...late, ...handed.splice(0)].sort((one, other) => one.no - other.no);
      if (rows.length === 0) return { isLeader: true, moved: 0, position };
      for (const { no } of late) inHand.add(no);
      const { sent, failure } = await publishInChains(rows, nc);
      const next = await advance(pool, position, sent);
      if (next.hasGoneBack) forget();
      if (sent.length > 0 && sentRows.length === 0) sentSince = Date.now();
      sentRows.push(...sent);
      if (failure) {
        await clear(pool);
        throw failure;
      }
      return { isLeader: true, moved: rows.length, position: next.position };
    },
  };
}

/**
 * The position after these acknowledgements. A place below what was acknowledged before means that the stream has gone back:
 * that loss is noted before any row is cleared, since a process that dies between the two would know no loss.
 */
async function advance(
  pool: ShopSql,
  position: Position,
  sent: readonly Sent[],
): Promise<{ position: Position; hasGoneBack: boolean }> {
  if (sent.length === 0) return { position, hasGoneBack: false };
  const highest = Math.max(...sent.map(({ at }) => at));
  const next = { ...position, ackedSeq: Math.max(position.ackedSeq, highest) };
  const wentBackTo = Math.min(...sent.filter(({ isDuplicate }) => !isDuplicate).map(({ at }) => at));
  if (wentBackTo > position.ackedSeq) return { position: next, hasGoneBack: false };
  const loss = { kind: "from" as const, seq: wentBackTo };
  return {
    position: await noteLoss(pool, { position: { ...next, ackedSeq: highest }, loss }),
    hasGoneBack: true,
  };
}
