import type { Task, TaskKinds } from "@shop/service";
import { CarrierRefused } from "./carrier/carrier.ts";
import type { Deps } from "./deps.ts";
import type { BookTask, CallOffTask, Message } from "./domain/index.ts";
import { change } from "./store.ts";

/** The calls to the carrier. A carrier without an answer is retried until its patience runs out. */
export function tasks({ pg, carrier, store, log, patienceHours }: Deps): TaskKinds {
  return {
    book: {
      concurrency: 8,
      async run(task) {
        const { orderId } = task.payload as BookTask;
        const answer = await book(task);
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

  async function book({ payload, attempts }: Task): Promise<Message> {
    const { orderId, parcels, confirmedAt, ...common } = payload as BookTask;
    const refused = (reason: string): Message => {
      return { type: "BookingRefused", orderId, reason, at: new Date().toISOString() };
    };
    // Cancelled meanwhile: parcels that the carrier took without an answer are called off once more.
    if (attempts > 1 && !(await store.isBooking(orderId))) return refused("NOT_WANTED_ANY_MORE");
    try {
      const bookings = await settleAll(parcels.map((parcel) => carrier.book({ ...parcel, ...common })));
      return { type: "ParcelsBooked", orderId, bookings, at: new Date().toISOString() };
    } catch (error) {
      const isRefusal = error instanceof CarrierRefused;
      const waitedMs = Date.now() - Date.parse(confirmedAt);
      const isOverdue = waitedMs >= patienceHours * 3_600_000;
      if (!isRefusal && !isOverdue) throw error;
      log.warn({ err: error, orderId, attempts }, "no carrier takes the parcels of an order");
      return refused(isRefusal ? "REFUSED_BY_CARRIER" : "CARRIER_UNAVAILABLE");
    }
  }
}

/** Waits for all answers, also after a refusal: the call-off would miss a parcel that is booked after it. */
async function settleAll<T>(calls: Promise<T>[]): Promise<T[]> {
  const answers = await Promise.allSettled(calls);
  const failures = answers
    .filter((answer) => answer.status === "rejected")
    .map(({ reason }): unknown => reason);
  if (failures.length > 0) throw failures.find((reason) => reason instanceof CarrierRefused) ?? failures[0];
  return Promise.all(calls);
}
