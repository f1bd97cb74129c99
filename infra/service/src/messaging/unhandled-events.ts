import type { EventType, ShopEvent } from "@shop/events";
import { pollLoop } from "../runtime/poll-loop.ts";
import { readMessage, typeOf } from "./durable-consumer.ts";
import { writeDeadLetter, messageId, reasonOf, type DeadLetterStore } from "./dead-letters.ts";
import type { Delivery } from "./delivery.ts";
import { failureCounts } from "./failure-counts.ts";
import { isStoreFailure } from "../postgres/guarded-transaction.ts";
import { applyProjection } from "./apply-projection.ts";
import type { EventHandlers, Projection } from "./event-handlers.ts";
import { handleOnce } from "./handle-once.ts";
import type { Postgres } from "../postgres/transaction.ts";
import { maxEventAttempts, unhandledEveryMs } from "./retry-policy.ts";

/** Maximum events of one poll. */
const maxAtOnce = 100;

/**
 * Keeps an event that this release doesn't handle and that another release of the service is subscribed to: two releases
 * share one consumer and one database. Throws when that is not durable.
 */
export async function keepUnhandled({ sql }: Pick<Postgres, "sql">, delivery: Delivery): Promise<void> {
  const body = delivery.text().replaceAll("\0", "\uFFFD");
  await sql`
    insert into unhandled_events (id, type, subject, body)
    values (${messageId(delivery.subject, body)}, ${typeOf(delivery)}, ${delivery.subject}, ${body})
    on conflict do nothing`;
}

/**
 * Handles the events that another release has kept, within seconds, where this release handles their types. A failed event is
 * tried again as in the inbox, and becomes a dead letter in the end; one that is not what its subject says does so at once.
 */
export async function takeUpUnhandled(
  input: DeadLetterStore & {
    handlers: EventHandlers;
    projection: Projection | undefined;
    signal: AbortSignal;
  },
): Promise<void> {
  const { pg, handlers, projection, log, signal } = input;
  const failures = failureCounts<string>(maxAtOnce);
  const types = [...Object.keys(handlers), ...(projection?.types ?? [])] as EventType[];
  const subscribed = new Set<string>(types);
  if (types.length === 0) return;
  const onError = (error: unknown) =>
    log.warn({ err: error }, "events that another release has kept could not be taken up; trying again");
  const { running } = pollLoop({ everyMs: unhandledEveryMs, signal, onError }, async () => {
    const kept = await pg.sql<Kept[]>`
      select id, subject, body from unhandled_events where type = any(${types as string[]})
      order by noted_at limit ${maxAtOnce}`;
    for (const one of kept) {
      if (await isDone(one)) await pg.sql`delete from unhandled_events where id = ${one.id}`;
    }
  });
  await running;

  /** Handled, or dead-lettered. */
  async function isDone({ id, subject, body }: Kept): Promise<boolean> {
    const tries = failures.add(id, 0) + 1;
    const letter = { subject, text: () => body, deliveries: tries };
    const read = readMessage(letter, subscribed);
    if (read.kind === "unhandled") return false;
    const failure = read.kind === "event" ? await failureOf(read.event) : read.error;
    if (failure !== undefined && read.kind === "event" && tries < maxEventAttempts) {
      failures.add(id, 1);
      log.warn(
        { err: failure, subject, tries },
        "an event that another release has kept failed; trying again",
      );
      return false;
    }
    if (failure !== undefined)
      await writeDeadLetter(letter, reasonOf(failure), input, { isUnverified: true });
    failures.forget(id);
    return true;
  }

  async function failureOf(event: ShopEvent): Promise<unknown> {
    try {
      if (projection?.types.includes(event.type)) await applyProjection(pg, projection, [event]);
      const outcome = await handleOnce(pg, handlers, event);
      const isOver = outcome.outcome === "done" || outcome.outcome === "ignored";
      return isOver ? undefined : new Error(outcome.reason);
    } catch (error) {
      if (isStoreFailure(error)) throw error;
      return error;
    }
  }
}

type Kept = { id: string; subject: string; body: string };
