import type { NatsConnection } from "nats";
import type { ShopSql } from "../postgres/transaction.ts";
import { publishInChains, type Outgoing } from "./publish.ts";
import { noteLoss, type Position } from "./stream-position.ts";

/** Maximum events of one batch of the outbox. */
export const outboxBatchSize = 500;

/**
 * Publishes one batch of the outbox and moves what JetStream acknowledged into outbox_log, if this session has the relay's lock.
 * A place below what was acknowledged before means that the stream has gone back: that loss is noted before the rows move,
 * since a process that dies between the two publishes the rows once more, which is harmless, but would know no loss.
 */
export async function moveBatch(
  pool: ShopSql,
  nc: NatsConnection,
  position: Position,
): Promise<{ isLeader: boolean; moved: number; position: Position }> {
  const found = await pool<(Outgoing & { held: boolean })[]>`
    with lead as materialized (select pg_try_advisory_lock(7001) as held)
    select held, seq as no, event_id, chain, subject, body
    from lead left join lateral (select * from outbox order by seq limit ${outboxBatchSize}) as due on held
    order by seq`;
  const isLeader = found[0]?.held ?? false;
  const rows = found.filter((row) => row.no !== null);
  if (rows.length === 0) return { isLeader, moved: 0, position };
  const { sent, failure } = await publishInChains(rows, nc);
  let next = position;
  if (sent.length > 0) {
    const highest = Math.max(...sent.map(({ at }) => at));
    const fresh = sent.filter(({ isDuplicate }) => !isDuplicate).map(({ at }) => at);
    const wentBackTo = Math.min(...fresh);
    next = { ...position, ackedSeq: Math.max(position.ackedSeq, highest) };
    if (wentBackTo <= position.ackedSeq) {
      const loss = { kind: "from" as const, seq: wentBackTo };
      next = await noteLoss(pool, { position: { ...next, ackedSeq: highest }, loss });
    }
    await pool`
      with gone as (
        delete from outbox using unnest(${sent.map(({ no }) => no)}::bigint[], ${sent.map(({ at }) => at)}::bigint[])
          as sent (no, at)
        where seq = sent.no returning seq, event_id, chain, subject, body, sent.at
      ), acked as (
        update relay_position set acked_seq = greatest(acked_seq, ${highest})
      )
      insert into outbox_log (event_id, chain, subject, body, stream_seq)
      select event_id, chain, subject, body, at from gone order by seq`;
  }
  if (failure) throw failure;
  return { isLeader, moved: sent.length, position: next };
}
