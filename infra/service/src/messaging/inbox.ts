import type { EventType, ServiceName, ShopEvent } from "@shop/events";
import type { Bus } from "./bus.ts";
import { consumerMemory } from "./known-consumers.ts";
import { consume, readMessage, typeOf, type Consuming, type Read } from "./durable-consumer.ts";
import { writeDeadLetter, reasonOf } from "./dead-letters.ts";
import type { Delivery } from "./delivery.ts";
import { failureCounts } from "./failure-counts.ts";
import { isStoreFailure } from "../postgres/guarded-transaction.ts";
import type { EventHandlers } from "./event-handlers.ts";
import { handleOnce } from "./handle-once.ts";
import type { Outcome } from "./outcome.ts";
import type { Postgres } from "../postgres/transaction.ts";
import { knownEvents } from "./known-events.ts";
import { maxEventAttempts, redeliverAfterMs } from "./retry-policy.ts";
import { eventsHandled, type Logger } from "../runtime/telemetry.ts";
import { keepUnhandled } from "./unhandled-events.ts";

/** Maximum delivered events that are not settled. */
const maxAckPending = 256;
/** Short, so that the events of a killed process are soon delivered again. */
const ackWaitS = 5;
/** The interval of heartbeats for events in hand, well within `ackWaitS`. */
const heartbeatMs = 1_500;

type Inbox = {
  service: ServiceName;
  bus: Bus;
  pg: Postgres;
  handlers: EventHandlers;
  log: Logger;
  signal: AbortSignal;
};

/**
 * Handles events exactly once in effect: inbox rows and effects commit in one transaction. One consumer for each service; the
 * events of a chain are handled one after another, those of several chains side by side and, where they wait, in one group
 * commit. A failed event is delivered again (`retry-policy.ts`), and later ones of its chain pass it meanwhile. So order is the
 * rule, not a promise: decisions must stand any order (it differs with two instances, or after a crash), and no handler waits for
 * a gap to be filled.
 */
export function startInbox(input: Inbox): Consuming | undefined {
  const { service, bus, pg, handlers, log, signal } = input;
  const types = Object.keys(handlers) as EventType[];
  if (types.length === 0) return undefined;
  const subscribed = new Set<string>(types);
  const lastOf = new Map<string, Promise<void>>();
  const inHand = new Set<Delivery>();
  const failures = failureCounts<number>(maxAckPending);
  const isKnown = knownEvents(pg);

  const take = (delivery: Delivery) => {
    const read = readMessage(delivery, subscribed);
    const chain = chainOf(read, delivery);
    inHand.add(delivery);
    const taken = (lastOf.get(chain) ?? Promise.resolve())
      .then(() => takeOne(delivery, read))
      .finally(() => {
        inHand.delete(delivery);
        if (lastOf.get(chain) === taken) lastOf.delete(chain);
      });
    lastOf.set(chain, taken);
  };

  const takeOne = async (delivery: Delivery, read: Read): Promise<void> => {
    if (signal.aborted) return delivery.nak();
    const type = typeOf(delivery);
    const attempts = delivery.deliveries;
    try {
      const outcome = await outcomeOf(delivery, read);
      eventsHandled.inc({ service, type, outcome });
      failures.forget(delivery.seq);
      delivery.ack();
    } catch (error) {
      log.warn({ err: error, type, attempts }, "an event could not be handled");
      eventsHandled.inc({ service, type, outcome: "failed" });
      const failed = failures.add(delivery.seq, isStoreFailure(error) ? 0 : 1);
      if (failed < maxEventAttempts) return delivery.nak(redeliverAfterMs(attempts));
      await writeDeadLetter(delivery, reasonOf(error), input).then(
        () => {
          failures.forget(delivery.seq);
          delivery.term();
        },
        (cause: unknown) => {
          log.error({ err: cause, type }, "an event could not be put into dead_letters");
          delivery.nak(redeliverAfterMs(attempts));
        },
      );
    }
  };

  const outcomeOf = async (delivery: Delivery, read: Read): Promise<string> => {
    if (read.kind === "unreadable") {
      await writeDeadLetter(delivery, reasonOf(read.error), input, { isUnverified: true });
      return "parked";
    }
    if (read.kind === "unhandled") {
      if (consuming.isFor(delivery.subject)) await keepUnhandled(pg, delivery);
      return "ignored";
    }
    const { event } = read;
    const outcome: Outcome = (await isKnown(event, delivery)) ? seen : await handleOnce(pg, handlers, event);
    if (outcome.outcome === "retry") throw new Retry(outcome.reason);
    if (outcome.outcome === "parked") await writeDeadLetter(delivery, outcome.reason, input);
    if (outcome.outcome === "ignored")
      log.debug({ type: event.type, id: event.id, reason: outcome.reason }, "ignored");
    return outcome.outcome;
  };

  const heartbeats = setInterval(() => {
    for (const delivery of inHand) delivery.working();
  }, heartbeatMs);
  const spec = {
    service,
    kind: "inbox" as const,
    types,
    maxAckPending,
    ackWaitS,
    memory: consumerMemory(pg),
  };
  const consuming = consume(bus, spec, take, log, signal);
  const running = consuming.running
    .then(() => Promise.all(lastOf.values()))
    .then(() => clearInterval(heartbeats));
  return { ...consuming, running };
}

const seen: Outcome = { outcome: "ignored", reason: "SEEN" };

/** One chain for each saga, else for each aggregate. A message without an event waits for nothing. */
function chainOf(read: Read, { seq }: Delivery): string {
  const event: ShopEvent | undefined = read.kind === "event" ? read.event : undefined;
  return event ? (event.sagaId ?? event.aggregate.id) : `message ${seq}`;
}

class Retry extends Error {
  override readonly name = "Retry";
}
