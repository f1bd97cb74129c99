import { streamName, type ServiceName } from "@shop/events";
import type { NatsConnection } from "nats";
import { z } from "zod";
import type { Bus } from "./bus.ts";
import type { ShopSql } from "../postgres/transaction.ts";
import { publishInChains, type Outgoing } from "./publish.ts";
import type { Logger } from "../runtime/telemetry.ts";

/** Maximum events of the log's rows in one batch that is published again: a new event waits for one batch at most. */
const batchSize = 250;
/** The stream keeps events for 7 days; an event that is gone an hour before that is lost. */
const surelyKept = "6 days 23 hours";

const again = z.object({
  /** Which events of the log: all, those from a sequence on, those below one, or those of some subjects. */
  kind: z.enum(["all", "from", "below", "subjects"]),
  seq: z.int().default(0),
  subjects: z.array(z.string()).default([]),
  /** The part of the log that is still to be gone through, from its end: rows above `after`, up to `upTo`. */
  after: z.int(),
  upTo: z.int(),
});
/** The part of the log that is being published again, and how far that is. */
type Again = z.infer<typeof again>;
/** Which events the stream has lost. */
type Loss = { kind: Again["kind"]; seq?: number; subjects?: string[] };

/** The stream as it was last: which one, up to where it has acknowledged, how many it has deleted from within. */
export type Position = {
  created: string;
  ackedSeq: number;
  deleted: number;
  again: Again | undefined;
  /** The first event that the stream held when the log was last compared with it; not kept. */
  firstSeq?: number;
};

/** An event's row in the log, and its place in that. */
type Place = { no: number; place: number };

/** The position that the last leader has left; undefined before the first. */
export async function readPosition(pool: ShopSql): Promise<Position | undefined> {
  const [row] = await pool<{ created: string; ackedSeq: number; deleted: number; again: unknown }[]>`
    select stream_created as created, acked_seq as "ackedSeq", deleted, republishing as again from relay_position`;
  return row && { ...row, again: row.again ? again.parse(row.again) : undefined };
}

/**
 * Compares the stream with what is known of it. The last event of this service that it holds says whether it lost its tail;
 * the rest comes from the provisioner, and waits while that is down: whether it is another stream, whether it was emptied, and
 * whether events were deleted from within.
 */
export async function whatIsLost(
  pool: ShopSql,
  service: ServiceName,
  bus: Bus,
  nc: NatsConnection,
  known: Position | undefined,
): Promise<{ position: Position; loss: Loss | undefined }> {
  // Read first: events that another stream holds by then must not be taken for this one's.
  const stream = await bus.provision().then(
    (answer) => answer.stream,
    () => undefined,
  );
  const own = await lastOwn(nc, service);
  const ownSeq = own?.seq ?? 0;
  if (!known) {
    if (!stream) throw new Error("the provisioner does not answer, and nothing is known of the stream yet");
    const { created, deleted } = stream;
    // An earlier release has not recorded the sequences of its events.
    return { position: { created, deleted, ackedSeq: ownSeq, again: undefined }, loss: { kind: "all" } };
  }
  const position: Position = { ...known, ...(stream && { created: stream.created }), ackedSeq: ownSeq };
  if (position.created !== known.created) return { position, loss: { kind: "all" } };
  if (ownSeq < known.ackedSeq && (await isYoung(pool, { above: ownSeq, below: known.ackedSeq + 1 }))) {
    // Its place is another event's in the log, or none's: the stream had gone back further before this one was published.
    if (own && !(await isLogged(pool, own))) return { position, loss: { kind: "all" } };
    return { position, loss: { kind: "from", seq: ownSeq + 1 } };
  }
  // Events that are being published again don't have their new sequence yet.
  if (!stream || known.again) return { position, loss: undefined };
  const compared = { ...position, firstSeq: stream.firstSeq, deleted: stream.deleted };
  if (stream.firstSeq !== known.firstSeq && (await isYoung(pool, { above: 0, below: stream.firstSeq })))
    return { position: compared, loss: { kind: "below", seq: stream.firstSeq } };
  if (stream.deleted === known.deleted) return { position: compared, loss: undefined };
  const subjects = await thinned(pool, bus, ownSeq);
  return { position: compared, loss: subjects.length > 0 ? { kind: "subjects", subjects } : undefined };
}

/** Writes down the position, and what is to be published again: of two losses at once, all that may be part of either. */
export async function noteLoss(
  pool: ShopSql,
  { position, loss, known }: { position: Position; loss: Loss | undefined; known?: Position | undefined },
): Promise<Position> {
  const next = { ...position, ...(loss && { again: await againFor(pool, position.again, loss) }) };
  const { created, ackedSeq, deleted } = next;
  const isSame =
    known?.created === created && known.ackedSeq === ackedSeq && known.deleted === deleted && !loss;
  if (isSame) return next;
  await pool`
    insert into relay_position (stream_created, acked_seq, deleted, republishing)
    values (${created}, ${ackedSeq}, ${deleted}, ${next.again ? pool.json(next.again) : null})
    on conflict (is_only) do update set
      stream_created = excluded.stream_created, acked_seq = excluded.acked_seq, deleted = excluded.deleted,
      republishing = excluded.republishing`;
  return next;
}

async function againFor(pool: ShopSql, known: Again | undefined, loss: Loss): Promise<Again | undefined> {
  const { seq = 0, subjects = [] } = loss;
  const [log] = await pool<{ upTo: number | null; first: number | null }[]>`
    select (select max(no) from outbox_log) as "upTo",
      (select min(no) from outbox_log where highest_seq >= ${seq}) as first`;
  const upTo = log?.upTo;
  if (!upTo) return undefined;
  if (known) return { kind: "all", seq: 0, subjects: [], after: 0, upTo };
  if (loss.kind === "from" && log.first === null) return undefined;
  const after = loss.kind === "from" ? (log.first ?? 0) - 1 : 0;
  return { kind: loss.kind, seq, subjects, after, upTo };
}

/**
 * Publishes one batch of what was lost, the newest first, since that is what consumers may not have had; in order within the
 * batch. The position says how far it is, so that another leader goes on there.
 */
export async function publishAgain(
  pool: ShopSql,
  nc: NatsConnection,
  position: Position & { again: Again },
  log: Logger,
): Promise<Position> {
  const { kind, seq, subjects, after, upTo } = position.again;
  const found = await pool<(Omit<Outgoing, "no"> & Place)[]>`
    with chosen as materialized (
      select no from (
        select no, cardinality(stream_seqs) as own, sum(cardinality(stream_seqs)) over (order by no desc) as events
        from outbox_log where no > ${after} and no <= ${upTo} and ${
          {
            all: pool`true`,
            from: pool`highest_seq >= ${seq}`,
            below: pool`lowest_seq < ${seq}`,
            subjects: pool`subjects && ${subjects}`,
          }[kind]
        }
        order by no desc limit ${batchSize}
      ) newest where events <= ${batchSize} or events = own
    )
    select no, place, event_id, chain, subject, body from published_events
    where no in (select no from chosen) and ${
      {
        all: pool`true`,
        from: pool`stream_seq >= ${seq}`,
        below: pool`stream_seq < ${seq}`,
        subjects: pool`subject = any(${subjects})`,
      }[kind]
    }
    order by no, place`;
  // The number of an event in this batch is its index.
  const { sent, failure } = await publishInChains(
    found.map((event, no) => ({ ...event, no })),
    nc,
    { again: true },
  );
  const oldest = found.at(0);
  const next = oldest && { ...position.again, upTo: oldest.no - 1 };
  const left = failure ? position.again : next;
  const ackedSeq = Math.max(position.ackedSeq, ...sent.map(({ at }) => at));
  const placed = sent.flatMap(({ no, at }) => {
    const event = found[no];
    return event ? [{ no: event.no, place: event.place, at }] : [];
  });
  await pool`
    with placed as (
      select old.no, array_agg(coalesce(sent.at, seq) order by place) as seqs
      from outbox_log old cross join lateral unnest(old.stream_seqs) with ordinality as event (seq, place)
      left join jsonb_to_recordset(${pool.json(placed)}) as sent (no bigint, place bigint, at bigint) using (no, place)
      where old.no = any(${[...new Set(placed.map(({ no }) => no))]}::bigint[]) group by old.no
    ), moved as (
      update outbox_log log set stream_seqs = seqs,
        lowest_seq = (select min(seq) from unnest(seqs) seq), highest_seq = (select max(seq) from unnest(seqs) seq)
      from placed where log.no = placed.no
    )
    update relay_position set acked_seq = ${ackedSeq}, republishing = ${left ? pool.json(left) : null}`;
  if (failure) throw failure;
  log.warn({ events: sent.length, isDone: !next }, "the stream had lost events; published again");
  return { ...position, ackedSeq, again: next };
}

/** Whether one of the log's events between these places in the stream is so young that the stream must still have it. */
async function isYoung(pool: ShopSql, { above, below }: { above: number; below: number }): Promise<boolean> {
  const [row] = await pool<{ isYoung: boolean }[]>`
    select exists (
      select 1 from outbox_log cross join lateral unnest(stream_seqs) as seq
      where highest_seq > ${above} and lowest_seq < ${below} and seq > ${above} and seq < ${below}
        and published_at > now() - ${surelyKept}::interval
    ) as "isYoung"`;
  return row?.isYoung ?? false;
}

/** The subjects of which the stream has fewer events than the log. */
async function thinned(pool: ShopSql, bus: Bus, ownSeq: number): Promise<string[]> {
  const { stream } = await bus.provision(undefined, { counts: true });
  const logged = await pool<{ subject: string; count: number }[]>`
    select subject, count(*) as count from outbox_log cross join lateral unnest(subjects, stream_seqs) as event (subject, seq)
    where seq between ${stream.firstSeq} and ${ownSeq} group by subject`;
  return logged
    .filter(({ subject, count }) => count > (stream.counts?.[subject] ?? 0))
    .map(({ subject }) => subject);
}

/** Whether the log has this event in this place of the stream. One that was published again bears a suffix behind its id. */
async function isLogged(pool: ShopSql, { seq, messageId }: LastOwn): Promise<boolean> {
  const [row] = await pool<{ isLogged: boolean }[]>`
    select exists (
      select 1 from published_events where no in (
        select no from outbox_log where lowest_seq <= ${seq} and highest_seq >= ${seq} and ${seq} = any(stream_seqs)
      ) and stream_seq = ${seq} and starts_with(${messageId}, event_id::text)
    ) as "isLogged"`;
  return row?.isLogged ?? false;
}

type LastOwn = { seq: number; messageId: string };

/** The last event of this service that the stream holds; by a direct read, whose subject names what is read. */
async function lastOwn(nc: NatsConnection, service: ServiceName): Promise<LastOwn | undefined> {
  const subject = `$JS.API.DIRECT.GET.${streamName}.evt.${service}.>`;
  const { headers } = await nc.request(subject, undefined, { timeout: 5_000 });
  if (headers?.code === 404) return undefined;
  const seq = Number(headers?.get("Nats-Sequence"));
  if (!Number.isSafeInteger(seq) || seq < 1)
    throw new Error(`the stream's last event could not be read: ${headers?.description}`);
  return { seq, messageId: headers?.get("Nats-Msg-Id") ?? "" };
}
