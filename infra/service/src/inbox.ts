import type { EventType, ServiceName, ShopEvent } from "@shop/events";
import type { JsMsg } from "nats";
import { backoffMs } from "./backoff.ts";
import type { Bus } from "./bus.ts";
import { consume, consumerName, readMessage } from "./consumers.ts";
import { bury, reasonOf } from "./dead-letters.ts";
import { isStoreTrouble } from "./guard.ts";
import { handleOnce, type Hears } from "./handle.ts";
import type { Outcome } from "./outcome.ts";
import type { Postgres } from "./postgres.ts";
import { eventsHandled, type Logger } from "./telemetry.ts";

/** Failed tries before an event is put into dead_letters; those that a store is the reason of don't count. */
const mostTries = 10;

/** How many events may be on their way to this service. */
const maxAckPending = 256;
/** Soon, for what a killed process had in hand. */
const ackWaitS = 5;
/** An event in hand is kept from coming again by a sign of life at this interval, well within `ackWaitS`. */
const signOfLifeMs = 1_500;

/** How often each event, by its place in the stream, has failed here and it was its own fault. */
type Failures = Map<number, number>;

type Inbox = {
  service: ServiceName;
  bus: Bus;
  pg: Postgres;
  hears: Hears;
  log: Logger;
  signal: AbortSignal;
};

/**
 * Handles events exactly once in effect, inbox rows and effects in one transaction. One consumer; the events of one saga,
 * else of one aggregate, are handled one after another, those of several side by side and, where they wait, in one
 * transaction. At most `maxAckPending` chains are held at a time. What fails is delivered again after 50 ms doubling to 5 s, and others pass it meanwhile. So order is the
 * rule, not a promise: decisions must stand any order (with two instances, or after a crash, it differs), and none waits
 * for a gap to be filled.
 */
export async function startInbox(input: Inbox): Promise<void> {
  const { service, bus, hears, log, signal } = input;
  const types = Object.keys(hears) as EventType[];
  if (types.length === 0) return;
  const heard = new Set<string>(types);
  const lastOf = new Map<string, Promise<void>>();
  const inHand = new Set<JsMsg>();
  const failures: Failures = new Map();

  const take = (message: JsMsg) => {
    const read = tryRead(message, heard);
    const chain = chainOf(read, message);
    inHand.add(message);
    const taken = (lastOf.get(chain) ?? Promise.resolve())
      .then(() => takeOne(message, read, failures, input))
      .finally(() => {
        inHand.delete(message);
        if (lastOf.get(chain) === taken) lastOf.delete(chain);
      });
    lastOf.set(chain, taken);
    return Promise.resolve();
  };
  const signsOfLife = setInterval(() => {
    for (const message of inHand) message.working();
  }, signOfLifeMs);
  const spec = { name: consumerName(service, "inbox"), types, maxAckPending, ackWaitS };
  await consume(bus, spec, take, log, signal);
  await Promise.all(lastOf.values());
  clearInterval(signsOfLife);
}

/** What a message holds: an event, nothing for this consumer, or what can't be read. */
type Read = { event: ShopEvent | undefined } | { error: unknown };

function tryRead(message: JsMsg, heard: ReadonlySet<string>): Read {
  try {
    return { event: readMessage(message, heard) };
  } catch (error) {
    return { error };
  }
}

/** One chain for each saga, else for each aggregate. What holds no event waits for nothing. */
function chainOf(read: Read, message: JsMsg): string {
  const event = "event" in read ? read.event : undefined;
  return event ? (event.sagaId ?? event.aggregate.id) : `message ${message.seq}`;
}

async function takeOne(message: JsMsg, read: Read, failures: Failures, input: Inbox) {
  const { service, pg, log } = input;
  if (input.signal.aborted) return message.nak();
  const type = message.subject.slice(message.subject.lastIndexOf(".") + 1);
  const attempts = message.info.redeliveryCount;
  try {
    if ("error" in read) throw read.error;
    const { event } = read;
    const outcome: Outcome = event
      ? await handleOnce(pg, input.hears, event)
      : { outcome: "ignored", reason: "NOT_HEARD" };
    if (outcome.outcome === "retry") throw new Retry(outcome.reason);
    if (outcome.outcome === "parked") await bury(message, outcome.reason, input);
    if (outcome.outcome === "ignored" && event)
      log.debug({ type, id: event.id, reason: outcome.reason }, "ignored");
    eventsHandled.inc({ service, type, outcome: outcome.outcome });
    failures.delete(message.seq);
    message.ack();
  } catch (error) {
    log.warn({ err: error, type, attempts }, "an event could not be handled");
    eventsHandled.inc({ service, type, outcome: "failed" });
    const failed = (failures.get(message.seq) ?? 0) + (isStoreTrouble(error) ? 0 : 1);
    failures.set(message.seq, failed);
    if (failed < mostTries) return message.nak(backoffMs(attempts));
    await bury(message, reasonOf(error), input).then(
      () => {
        failures.delete(message.seq);
        message.term();
      },
      (cause: unknown) => {
        log.error({ err: cause, type }, "an event could not be put into dead_letters");
        message.nak(backoffMs(attempts));
      },
    );
  }
}

class Retry extends Error {
  override readonly name = "Retry";
}
