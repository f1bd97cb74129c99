import type { Logger, Postgres, Task, TaskKinds } from "@shop/service";
import { CarrierRefused, type Carrier } from "./carrier.ts";
import type { BookTask, CallOffTask, Message } from "./domain/index.ts";
import { change, isBooking } from "./store.ts";

/** What is asked of the carrier after the commit that decided it; a silent one is asked again until its time is up. */
export function carrierTasks(parts: {
  pg: Postgres;
  carrier: Carrier;
  log: Logger;
  patienceHours: number;
}): TaskKinds {
  const { pg, carrier, log } = parts;
  return {
    book: {
      concurrency: 8,
      async run(task) {
        const { orderId } = task.payload as BookTask;
        const answer = await ask(task);
        await pg.transactGrouped("reports", (tx) => change(tx, orderId, answer));
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
    const { orderId, parcels, confirmedAt, ...common } = payload as BookTask;
    const refused = (reason: string): Message => {
      return { type: "BookingRefused", orderId, reason, at: new Date().toISOString() };
    };
    // Called off meanwhile: what an unheard answer may have taken is called off once more.
    if (attempts > 1 && !(await isBooking(pg, orderId))) return refused("NOT_WANTED_ANY_MORE");
    try {
      const bookings = await bookAll(parcels.map((parcel) => carrier.book({ ...parcel, ...common })));
      return { type: "ParcelsBooked", orderId, bookings, at: new Date().toISOString() };
    } catch (error) {
      const isRefusal = error instanceof CarrierRefused;
      const waitedMs = Date.now() - Date.parse(confirmedAt);
      const isOverdue = waitedMs >= parts.patienceHours * 3_600_000;
      if (!isRefusal && !isOverdue) throw error;
      log.warn({ err: error, orderId, attempts }, "no carrier takes the parcels of an order");
      return refused(isRefusal ? "REFUSED_BY_CARRIER" : "CARRIER_UNAVAILABLE");
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
