import type { Logger, Postgres, Task, TaskKinds } from "@shop/service";
import { CarrierRefused, type Carrier } from "./carrier.ts";
import type { BookTask, CallOffTask, Message } from "./domain/index.ts";
import { change } from "./store.ts";

/** Tries before a silent carrier counts as a refusal: some 13 s with the kit's back-off. */
const mostTries = 8;

/** What is asked of the carrier after the commit that decided it. */
export function carrierTasks(pg: Postgres, carrier: Carrier, log: Logger): TaskKinds {
  return {
    book: {
      concurrency: 8,
      async run(task) {
        const { orderId } = task.payload as BookTask;
        const answer = await ask(task);
        await pg.transactTogether("reports", (tx) => change(tx, orderId, answer));
      },
    },
    "call-off": {
      async run({ payload }) {
        const { shipmentIds } = payload as CallOffTask;
        await Promise.all(shipmentIds.map((id) => carrier.callOff(id)));
      },
    },
  };

  async function ask({ payload, attempts }: Task): Promise<Message> {
    const { orderId, parcels, ...common } = payload as BookTask;
    try {
      const bookings = await bookAll(parcels.map((parcel) => carrier.book({ ...parcel, ...common })));
      return { type: "ParcelsBooked", orderId, bookings, at: new Date().toISOString() };
    } catch (error) {
      const isRefusal = error instanceof CarrierRefused;
      if (!isRefusal && attempts < mostTries) throw error;
      log.warn({ err: error, orderId, attempts }, "no carrier takes the parcels of an order");
      const reason = isRefusal ? "REFUSED_BY_CARRIER" : "CARRIER_UNAVAILABLE";
      return { type: "BookingRefused", orderId, reason, at: new Date().toISOString() };
    }
  }
}

/** Waits for all answers, also after a refusal: what is still being taken would be missed by the calling off. */
async function bookAll<T>(asked: Promise<T>[]): Promise<T[]> {
  const answers = await Promise.allSettled(asked);
  const failures = answers
    .filter((answer) => answer.status === "rejected")
    .map(({ reason }): unknown => reason);
  if (failures.length > 0) throw failures.find((reason) => reason instanceof CarrierRefused) ?? failures[0];
  return Promise.all(asked);
}
