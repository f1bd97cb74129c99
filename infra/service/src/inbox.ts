import { randomUUID } from "node:crypto";
import type { EventType, ServiceName } from "@shop/events";
import type { JsMsg } from "nats";
import { z } from "zod";
import { backoffMs } from "./backoff.ts";
import type { Bus } from "./bus.ts";
import { consume, consumerName, readMessage } from "./consumers.ts";
import { isConnectionLoss } from "./guard.ts";
import { handleOnce, handleTogether, type Hears } from "./handle.ts";
import type { Outcome } from "./outcome.ts";
import type { Postgres } from "./postgres.ts";
import { deadLetters, eventsHandled, type Logger } from "./telemetry.ts";

/** Failed tries before an event is put into dead_letters. A lost database doesn't count. */
const mostTries = 10;

/** Lanes that work side by side; the events of one saga are always in the same. */
const lanes = 4;
/** How many events may be on their way to this service. */
const maxAckPending = 256;
/** Soon, for what a killed process had in hand. */
const ackWaitS = 5;
/** An event in hand is kept from coming again by a sign of life at this interval, well within `ackWaitS`. */
const signOfLifeMs = 1_500;

type Inbox = {
  service: ServiceName;
  bus: Bus;
  pg: Postgres;
  hears: Hears;
  /** How many events may share a transaction. 1 where the events of different sagas lock the same rows. */
  together: number;
  log: Logger;
  signal: AbortSignal;
};

/**
 * Handles events exactly once in effect, inbox rows and effects in one transaction. One consumer, whose events are dealt to
 * lanes by their partition, so that those of one saga keep their order; what waits in a lane is handled together. What
 * fails is delivered again after 50 ms doubling to 5 s, and others pass it meanwhile. So order is the rule, not a promise:
 * decisions must stand any order (with two instances, or after a crash, it differs), and none waits for a gap to be filled.
 */
export async function startInbox(input: Inbox): Promise<void> {
  const { service, bus, hears, log, signal } = input;
  const types = Object.keys(hears) as EventType[];
  if (types.length === 0) return;
  const heard = new Set<string>(types);
  const waiting: JsMsg[][] = Array.from({ length: lanes }, () => []);
  const working = new Map<number, Promise<void>>();
  const inHand = new Set<JsMsg>();

  const work = async (lane: JsMsg[]) => {
    // Whatever arrives in the same turn of the event loop is handled together.
    await new Promise((resolve) => setImmediate(resolve));
    for (
      let batch = lane.splice(0, input.together);
      batch.length > 0;
      batch = lane.splice(0, input.together)
    ) {
      const areDone = batch.length > 1 && (await takeTogether(batch, heard, input));
      if (!areDone) for (const message of batch) await takeOne(message, heard, input);
      for (const message of batch) inHand.delete(message);
    }
  };
  const take = (message: JsMsg) => {
    const number = Number(message.subject.split(".")[2]) % lanes;
    const lane = waiting[number] ?? [];
    inHand.add(message);
    lane.push(message);
    if (!working.has(number))
      working.set(
        number,
        work(lane).finally(() => working.delete(number)),
      );
    return Promise.resolve();
  };
  const signsOfLife = setInterval(() => {
    for (const message of inHand) message.working();
  }, signOfLifeMs);
  const spec = { name: consumerName(service, "inbox"), types, maxAckPending, ackWaitS };
  await consume(bus, spec, take, log, signal);
  await Promise.all(working.values());
  clearInterval(signsOfLife);
}

/** False when they can't be handled together: one was seen before, or failed. Nothing has happened then. */
async function takeTogether(
  batch: readonly JsMsg[],
  heard: ReadonlySet<string>,
  input: Inbox,
): Promise<boolean> {
  try {
    const events = batch.flatMap((message) => readMessage(message, heard) ?? []);
    if (events.length < batch.length || input.signal.aborted) return false;
    const outcomes = await handleTogether(input.pg, input.hears, events);
    for (const [at, { type }] of events.entries()) {
      eventsHandled.inc({ service: input.service, type, outcome: outcomes[at]?.outcome ?? "done" });
    }
    for (const message of batch) message.ack();
    return true;
  } catch (error) {
    input.log.debug({ err: error, events: batch.length }, "events are handled one by one");
    return false;
  }
}

async function takeOne(message: JsMsg, heard: ReadonlySet<string>, input: Inbox) {
  const { service, pg, log } = input;
  if (input.signal.aborted) return message.nak();
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

async function bury(message: JsMsg, reason: string, { service, pg, log }: Inbox) {
  const body = message.string();
  const id = idIn(body) ?? randomUUID();
  await pg.sql`
    insert into dead_letters (event_id, subject, body, reason, attempts)
    values (${id}, ${message.subject}, ${body}, ${reason}, ${message.info.redeliveryCount})
    on conflict (event_id) do update set reason = excluded.reason, attempts = excluded.attempts, buried_at = now()`;
  deadLetters.inc({ service });
  log.error({ subject: message.subject, reason }, "an event was put into dead_letters");
}
