import { randomUUID } from "node:crypto";
import { type EventType, type ServiceName, type ShopEvent } from "@shop/events";
import { partitions } from "@shop/values";
import type { JsMsg } from "nats";
import { z } from "zod";
import { backoffMs } from "./backoff.ts";
import type { Bus } from "./bus.ts";
import { consume, consumerName, readMessage } from "./consumers.ts";
import { isConnectionLoss } from "./guard.ts";
import { SeenBefore } from "./outbox.ts";
import type { Outcome } from "./outcome.ts";
import type { Postgres, Tx } from "./postgres.ts";
import { deadLetters, eventsHandled, type Logger } from "./telemetry.ts";

/** A table: the event I hear -> what I do, inside the transaction that also remembers that I did. */
export type Hears = { [T in EventType]?: (tx: Tx, event: ShopEvent<T>) => Promise<Outcome> };

/** Failed tries before an event is put into dead_letters. A lost database doesn't count. */
const mostTries = 10;

/**
 * Handles events exactly once in effect: one consumer for each of the 16 partitions, one event at a time in each, inbox row
 * and effect in one transaction. Failures are tried again after 50 ms doubling to 5 s.
 */
export function startInbox(input: {
  service: ServiceName;
  bus: Bus;
  pg: Postgres;
  hears: Hears;
  log: Logger;
  signal: AbortSignal;
}): Promise<void>[] {
  const { service, bus, hears, log, signal } = input;
  const types = Object.keys(hears) as EventType[];
  if (types.length === 0) return [];
  const heard = new Set<string>(types);
  return Array.from({ length: partitions }, (_, partition) =>
    consume(
      bus,
      { name: consumerName(service, partition), types, partition, maxAckPending: 1 },
      (message) => takeOne(message, heard, input),
      log,
      signal,
    ),
  );
}

async function takeOne(message: JsMsg, heard: ReadonlySet<string>, input: Parameters<typeof startInbox>[0]) {
  const { service, pg, log } = input;
  const type = message.subject.slice(message.subject.lastIndexOf(".") + 1);
  const attempts = message.info.redeliveryCount;
  try {
    const event = readMessage(message, heard);
    const outcome: Outcome = event
      ? await handleOnce(pg, input.hears, event)
      : { outcome: "ignored", reason: "NOT_HEARD" };
    if (outcome.outcome === "retry") throw new Retry(outcome.reason);
    if (outcome.outcome === "parked") await bury(message, outcome.reason, input);
    if (outcome.outcome === "ignored" && event)
      log.debug({ type, id: event.id, reason: outcome.reason }, "ignored");
    eventsHandled.inc({ service, type, outcome: outcome.outcome });
    message.ack();
  } catch (error) {
    const isOurs = !isConnectionLoss(error);
    log.warn({ err: error, type, attempts }, "an event could not be handled");
    eventsHandled.inc({ service, type, outcome: "failed" });
    if (isOurs && attempts >= mostTries) {
      const reason = error instanceof Error ? `${error.name}: ${error.message}` : String(error);
      await bury(message, reason, input).then(
        () => message.term(),
        (cause: unknown) => {
          log.error({ err: cause, type }, "an event could not be put into dead_letters");
          message.nak(backoffMs(attempts));
        },
      );
      return;
    }
    message.nak(backoffMs(attempts));
  }
}

/** Does what the table says, once for each event id. */
export async function handleOnce(pg: Postgres, hears: Hears, event: ShopEvent): Promise<Outcome> {
  const handle = hears[event.type] as ((tx: Tx, event: ShopEvent) => Promise<Outcome>) | undefined;
  if (!handle) return { outcome: "ignored", reason: "NOT_HEARD" };
  try {
    return await pg.transact(
      async (tx) => {
        const outcome = await handle(tx, event);
        // What is to be tried again, or was parked, must leave nothing behind, the inbox row included.
        if (outcome.outcome === "retry" || outcome.outcome === "parked") throw new Undone(outcome);
        return outcome;
      },
      { handled: event.id },
    );
  } catch (error) {
    if (error instanceof SeenBefore) return { outcome: "ignored", reason: "SEEN" };
    if (error instanceof Undone) return error.outcome;
    throw error;
  }
}

function idIn(body: string): string | undefined {
  try {
    return z.object({ id: z.uuid() }).parse(JSON.parse(body)).id;
  } catch {
    return undefined;
  }
}

class Retry extends Error {
  override readonly name = "Retry";
}

class Undone extends Error {
  readonly outcome: Outcome;
  constructor(outcome: Outcome) {
    super("rolled back on purpose");
    this.outcome = outcome;
  }
}

async function bury(message: JsMsg, reason: string, { service, pg, log }: Parameters<typeof startInbox>[0]) {
  const body = message.string();
  const id = idIn(body) ?? randomUUID();
  await pg.sql`
    insert into dead_letters (event_id, subject, body, reason, attempts)
    values (${id}, ${message.subject}, ${body}, ${reason}, ${message.info.redeliveryCount})
    on conflict (event_id) do update set reason = excluded.reason, attempts = excluded.attempts, buried_at = now()`;
  deadLetters.inc({ service });
  log.error({ subject: message.subject, reason }, "an event was put into dead_letters");
}
