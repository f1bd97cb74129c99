import { createHash } from "node:crypto";
import { parseEvent, readEvent, type ServiceName } from "@shop/events";
import type { Delivery } from "./delivery.ts";
import { z } from "zod";
import { pollLoop, type PollLoop } from "../runtime/poll-loop.ts";
import { isStoreFailure } from "../postgres/guarded-transaction.ts";
import { applyProjection } from "./apply-projection.ts";
import type { EventHandlers, Projection } from "./event-handlers.ts";
import { handleOnce } from "./handle-once.ts";
import type { Postgres } from "../postgres/transaction.ts";
import { deadLetters, deadLettersKept, type Logger } from "../runtime/telemetry.ts";

/** Where dead letters go: a table, an error in the log, and a count in the metrics. */
export type DeadLetterStore = { service: ServiceName; pg: Postgres; log: Logger };

/**
 * Puts the event of a message into dead_letters; throws when that is not durable. An unverified event (unreadable, or not what its
 * subject says) gets an id derived from its content, so that it can't replace the event whose id it bears.
 */
export async function writeDeadLetter(
  message: Pick<Delivery, "subject" | "deliveries" | "text">,
  reason: string,
  { service, pg, log }: DeadLetterStore,
  { isUnverified = false }: { isUnverified?: boolean } = {},
): Promise<void> {
  const body = asText(message.text());
  const id = (isUnverified ? undefined : idIn(body)) ?? messageId(message.subject, body);
  const keepUnder = (key: string) => pg.sql`
    insert into dead_letters (event_id, subject, body, reason, attempts, is_unverified)
    values (${key}, ${message.subject}, ${body}, ${asText(reason)}, ${message.deliveries}, ${isUnverified})
    on conflict (event_id) do update set
      reason = excluded.reason, attempts = excluded.attempts, dead_lettered_at = now(), replay_requested = false
    where dead_letters.subject = excluded.subject`;
  // Another service's event may bear the same id, and be a dead letter already.
  if ((await keepUnder(id)).count === 0) await keepUnder(messageId(message.subject, body));
  deadLetters.inc({ service });
  log.error({ subject: message.subject, reason }, "an event was put into dead_letters");
}

/** Postgres keeps no zero characters. */
function asText(text: string): string {
  return text.replaceAll("\0", "\uFFFD");
}

/** How often the table is polled for dead letters to replay. */
const checkEveryMs = 5_000;

type Parts = { handlers: EventHandlers; projection: Projection | undefined };

/** Replays the dead letters that an operator has marked `replay_requested`: a handled one is deleted, a failed one stays with its new reason. */
export function replayDeadLetters(input: DeadLetterStore & Parts & { signal: AbortSignal }): PollLoop {
  const { service, pg, log, signal } = input;
  const kept = deadLettersKept.labels(service);
  const onError = (error: unknown) =>
    log.warn({ err: error }, "dead letters could not be read; trying again");
  return pollLoop({ everyMs: checkEveryMs, signal, onError }, async () => {
    const asked = await pg.sql<Asked[]>`
      select event_id as id, subject, body, is_unverified as "isUnverified"
      from dead_letters where replay_requested order by dead_lettered_at limit 100`;
    for (const letter of asked) {
      const { id } = letter;
      const reason = await replayFailureOf(letter, input);
      if (reason === undefined) await pg.sql`delete from dead_letters where event_id = ${id}`;
      else
        await pg.sql`update dead_letters set replay_requested = false, reason = ${reason} where event_id = ${id}`;
      log.warn({ event: id, reason }, "a dead letter was replayed");
    }
    const [count] = await pg.sql<{ n: number }[]>`select count(*)::int as n from dead_letters`;
    kept.set(count?.n ?? 0);
  });
}

type Asked = { id: string; subject: string; body: string; isUnverified: boolean };

/** Replays the event through its handler and its projection; both are idempotent, so a second run is harmless. */
async function replayFailureOf(
  { subject, body, isUnverified }: Omit<Asked, "id">,
  { pg, handlers, projection }: DeadLetterStore & Parts,
): Promise<string | undefined> {
  try {
    // An operator may have mended a verified event by hand: it isn't compared with its subject again.
    const event = isUnverified ? readEvent(subject, body) : parseEvent(body);
    if (projection?.types.includes(event.type)) await applyProjection(pg, projection, [event]);
    const outcome = await handleOnce(pg, handlers, event);
    return outcome.outcome === "done" || outcome.outcome === "ignored" ? undefined : outcome.reason;
  } catch (error) {
    // A store that is away says nothing about the event: its replay stays requested.
    if (isStoreFailure(error)) throw error;
    return reasonOf(error);
  }
}

/** An error as it stands in dead_letters. */
export function reasonOf(error: unknown): string {
  return error instanceof Error ? `${error.name}: ${error.message}` : String(error);
}

function idIn(body: string): string | undefined {
  try {
    return z.object({ id: z.uuid() }).parse(JSON.parse(body)).id;
  } catch {
    return undefined;
  }
}

/** An id derived from a message's subject and content. */
export function messageId(subject: string, body: string): string {
  const hex = createHash("sha256").update(`${subject}\n${body}`).digest("hex");
  return `${hex.slice(0, 8)}-${hex.slice(8, 12)}-8${hex.slice(13, 16)}-a${hex.slice(17, 20)}-${hex.slice(20, 32)}`;
}
