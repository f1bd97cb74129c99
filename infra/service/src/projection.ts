import type { EventType, ServiceName, ShopEvent } from "@shop/events";
import type { JsMsg } from "nats";
import { backoffMs, bell, waitMs } from "./backoff.ts";
import type { Bus } from "./bus.ts";
import { consume, consumerName, readMessage } from "./consumers.ts";
import type { Postgres, Tx } from "./postgres.ts";
import { eventsHandled, type Logger } from "./telemetry.ts";

/**
 * A copy of what others own, kept by events in batches: at least once, in any order, so `batch` must compare versions.
 * `tx` refuses to work in a service without a database.
 */
export type Projection<T extends EventType = EventType> = {
  types: readonly T[];
  batch: (tx: Tx, events: readonly ShopEvent<T>[]) => Promise<void>;
};

/** Most events of one batch. */
const batchSize = 200;

/** Feeds a projection from one consumer of all partitions; a batch that fails is tried again until it passes. */
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
  const waiting: { message: JsMsg; event: ShopEvent }[] = [];
  const { ring, wait } = bell();

  const take = (message: JsMsg) => {
    try {
      const event = readMessage(message, heard);
      if (event) waiting.push({ message, event });
      else message.ack();
    } catch (error) {
      log.error(
        { err: error, subject: message.subject },
        "an event is not of its type's form and was left out",
      );
      message.term();
    }
    ring();
    return Promise.resolve();
  };

  const apply = async () => {
    for (let failures = 0; !signal.aborted;) {
      const batch = waiting.slice(0, batchSize);
      if (batch.length === 0) {
        await wait(1_000);
        continue;
      }
      try {
        const events = batch.map(({ event }) => event);
        if (input.pg) await input.pg.transact((tx) => projection.batch(tx, events));
        else await projection.batch(noDatabase, events);
        waiting.splice(0, batch.length);
        for (const { message, event } of batch) {
          message.ack();
          eventsHandled.inc({ service, type: event.type, outcome: "done" });
        }
        failures = 0;
      } catch (error) {
        failures++;
        log.error(
          { err: error, failures, events: batch.length },
          "a batch could not be projected; trying again",
        );
        await waitMs(backoffMs(failures), signal);
      }
    }
  };
  signal.addEventListener("abort", ring, { once: true });

  const spec = {
    name: consumerName(service, "projection"),
    types: projection.types,
    maxAckPending: 1_000,
    ackWaitS: 30,
  };
  return [consume(bus, spec, take, log, signal), apply()];
}

const noDatabase = new Proxy({} as Tx, {
  get() {
    throw new Error("this service has no database: its projection must not use tx");
  },
});
