import type { EventType, ServiceName, ShopEvent } from "@shop/events";
import type { JsMsg } from "nats";
import { backoffMs, bell, waitMs } from "./backoff.ts";
import type { Bus } from "./bus.ts";
import { consume, consumerName, readMessage } from "./consumers.ts";
import { bury, reasonOf } from "./dead-letters.ts";
import { isStoreTrouble } from "./guard.ts";
import type { Postgres, Tx } from "./postgres.ts";
import { eventsHandled, type Logger } from "./telemetry.ts";

/**
 * A copy of what others own, kept by events in batches: at least once, in any order, so `batch` must compare versions.
 * `tx` refuses to work in a service without a database.
 */
export type Projection<T extends EventType = EventType> = {
  types: readonly T[];
  batch: (tx: Tx, events: readonly ShopEvent<T>[]) => Promise<void>;
  /**
   * Events were forgotten before this service heard them: asks the owners for all they have, or notes for good that this is
   * to be done. Called until it succeeds, before anything else is heard.
   */
  missed?: () => Promise<void>;
};

type Waiting = { message: JsMsg; event: ShopEvent };

/** Most events of one batch. */
const batchSize = 200;
/** Failures of a batch before its events are tried one by one; those that a store is the reason of don't count. */
const mostTries = 5;
/** A store that is back is written to soon, and one that stays away for hours fills no log. */
const longestWaitMs = 2_000;
/** What a killed process had in hand comes again after this. */
const ackWaitS = 10;
/** What waits here must not come again meanwhile: well within `ackWaitS`. */
const signOfLifeMs = 3_000;

/** Feeds a projection from one consumer of all partitions; a batch that fails is tried again, then its events one by one. */
export function startProjection(input: {
  service: ServiceName;
  bus: Bus;
  pg: Postgres | undefined;
  projection: Projection;
  log: Logger;
  signal: AbortSignal;
}): Promise<void>[] {
  const { service, bus, projection, log, signal } = input;
  const heard = new Set<string>(projection.types);
  const waiting: Waiting[] = [];
  const { ring, wait } = bell();

  const take = async (message: JsMsg) => {
    try {
      const event = readMessage(message, heard);
      if (event) waiting.push({ message, event });
      else message.ack();
      ring();
    } catch (error) {
      await leaveOut(message, error);
    }
  };

  /** For good: a service with a database keeps it in dead_letters, one without can be filled anew from the owners. */
  const leaveOut = async (message: JsMsg, error: unknown) => {
    try {
      if (input.pg) await bury(message, reasonOf(error), { service, pg: input.pg, log });
      else log.error({ err: error, subject: message.subject }, "an event was left out");
      message.term();
    } catch {
      message.nak(backoffMs(message.info.redeliveryCount));
    }
  };

  const project = async (batch: readonly Waiting[]) => {
    const events = batch.map(({ event }) => event);
    if (input.pg) await input.pg.transact((tx) => projection.batch(tx, events));
    else await projection.batch(noDatabase, events);
    for (const { message, event } of batch) {
      message.ack();
      eventsHandled.inc({ service, type: event.type, outcome: "done" });
    }
  };

  /** After a batch has failed again and again: one that can't be applied must not hold up the others. */
  const projectOneByOne = async (batch: readonly Waiting[]) => {
    for (const one of batch) {
      await project([one]).catch(async (error: unknown) => {
        if (isStoreTrouble(error)) throw error;
        await leaveOut(one.message, error);
      });
    }
  };

  const apply = async () => {
    for (let failures = 0, tries = 0; !signal.aborted;) {
      const batch = waiting.slice(0, batchSize);
      if (batch.length === 0) {
        await wait(1_000);
        continue;
      }
      try {
        await (failures < mostTries ? project(batch) : projectOneByOne(batch));
        waiting.splice(0, batch.length);
        failures = tries = 0;
      } catch (error) {
        tries++;
        if (!isStoreTrouble(error)) failures++;
        log.error(
          { err: error, failures, events: batch.length },
          "a batch could not be projected; trying again",
        );
        await waitMs(backoffMs(tries, 50, longestWaitMs), signal);
      }
    }
    clearInterval(signsOfLife);
  };
  const signsOfLife = setInterval(() => {
    for (const { message } of waiting) message.working();
  }, signOfLifeMs);
  signal.addEventListener("abort", ring, { once: true });

  const spec = {
    name: consumerName(service, "projection"),
    types: projection.types,
    maxAckPending: 1_000,
    ackWaitS,
    onGap: projection.missed,
  };
  return [consume(bus, spec, take, log, signal), apply()];
}

const noDatabase = new Proxy({} as Tx, {
  get() {
    throw new Error("this service has no database: its projection must not use tx");
  },
});
