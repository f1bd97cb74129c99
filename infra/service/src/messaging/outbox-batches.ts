import type { NatsConnection } from "nats";
import type { ShopSql } from "../postgres/transaction.ts";
import { publishInChains, type Outgoing, type Sent } from "./publish.ts";
import { noteLoss, type Position } from "./stream-loss.ts";

export const outboxBatchSize = 500;
/** How many events a commit may hand over while others are being published; the outbox has them all. */
const maxHanded = 2_000;
/** How many numbers of cleared rows stay in memory, for commits whose answer comes after a poll has read their rows. */
const maxTaken = 10_000;
/** How long the relay waits for a missing number: a transaction draws it in its last statement, and its COMMIT follows. */
const gapMs = 1_000;
/** Maximum events in one row of the log. */
const logRowSize = 100;
/** How long the row of an acknowledged event stays in the outbox at most: one statement clears the rows of many commits. */
const clearAfterMs = 100;

/**
 * The events that the relay publishes next. Commits of this process hand over their events, so that an event is published without being
 * read from the outbox first; a poll of the outbox finds those of other instances, and all after a failure. Rows of
 * acknowledged events are moved into outbox_log some milliseconds later, many in one statement: a process that dies before
 * publishes them once more, which JetStream and every inbox drop.
 */
export function outboxBatches() {
  /** Handed over and not published yet, by number. */
  const handed = new Map<number, Outgoing>();
  /** Taken for publishing, the latest at the end: neither a poll nor a commit that hands over late takes them a second time. */
  const taken = new Set<number>();
  let sentRows: Sent[] = [];
  let sentSince = 0;
  /** Whether all that was committed before is published: until then, what is handed over waits behind it. */
  let isCaughtUp = false;
  /** The highest number that was published. */
  let highestNo = 0;
  /** Until this moment a transaction may still commit a missing number. */
  let gapUntil = 0;

  /** Forgets what is in memory: the next poll reads it from the outbox. */
  const forget = (): void => {
    handed.clear();
    taken.clear();
    sentRows = [];
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
        where seq = sent.no returning seq, subject, body, sent.at
      ), acked as (
        update relay_position set acked_seq = greatest(acked_seq, ${Math.max(...rows.map(({ at }) => at))})
      ), logged as (
        select *, (row_number() over (order by seq) - 1) / ${logRowSize} as part from gone
      )
      insert into outbox_log (stream_seqs, lowest_seq, highest_seq, subjects, bodies)
      select array_agg(at order by seq), min(at), max(at), array_agg(subject order by seq), array_agg(body order by seq)
      from logged group by part order by part`;
    for (const no of taken) {
      if (taken.size <= maxTaken) break;
      taken.delete(no);
    }
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

  /**
   * Whether a number between is missing: rolled back, not committed yet, or another instance's event, which may belong to the
   * same chain and must go first.
   */
  const hasGap = (): boolean => {
    if (Date.now() < gapUntil) return true;
    let next = highestNo + 1;
    for (const no of [...handed.keys()].sort((one, other) => one - other)) {
      if (no > next) return true;
      next = Math.max(next, no + 1);
    }
    return false;
  };

  return {
    forget,
    clear,
    /** Takes the events of a commit. */
    hand(events: readonly Outgoing[]): void {
      if (handed.size + events.length > maxHanded) return forget();
      for (const event of events) if (!taken.has(event.no)) handed.set(event.no, event);
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
      const mustPoll = isPolling || !isCaughtUp || hasGap();
      const polled = mustPoll ? await poll(pool) : { isLeader: true, rows: [] };
      if (!polled.isLeader) {
        forget();
        return { isLeader: false, moved: 0, position };
      }
      if (mustPoll) isCaughtUp = polled.rows.length < outboxBatchSize;
      const due = new Map(isCaughtUp ? handed : []);
      for (const row of polled.rows) if (!taken.has(row.no)) due.set(row.no, row);
      const rows = [...due.values()].sort((one, other) => one.no - other.no);
      if (rows.length === 0) return { isLeader: true, moved: 0, position };
      for (const { no } of rows) {
        handed.delete(no);
        taken.add(no);
      }
      for (const { no } of rows) {
        if (no > highestNo + 1) gapUntil = Date.now() + gapMs;
        highestNo = Math.max(highestNo, no);
      }
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
