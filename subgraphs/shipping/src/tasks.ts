import { addressSchema } from "@shop/events";
import { defineTask, type TaskKinds } from "@shop/service";
import { z } from "zod";
import { CarrierRefused } from "./carrier/carrier.ts";
import type { Deps } from "./deps.ts";
import type { BookTask, CallOffTask, Message } from "./domain/index.ts";
import { change } from "./store.ts";

const bookTask = defineTask(
  "book",
  z.object({
    orderId: z.string(),
    confirmedAt: z.string(),
    address: addressSchema,
    isExpress: z.boolean(),
    parcels: z.array(
      z.object({ shipmentId: z.string(), warehouseCode: z.string(), weightGrams: z.number() }),
    ),
  }) satisfies z.ZodType<BookTask>,
);
const callOffTask = defineTask(
  "call-off",
  z.object({ orderId: z.string(), shipmentIds: z.array(z.string()) }) satisfies z.ZodType<CallOffTask>,
);

/** The calls to the carrier. A carrier without an answer is retried until its patience runs out. */
export function tasks({ pg, carrier, store, log, patienceHours }: Deps): TaskKinds {
  return {
    ...bookTask.runs(
      async (task, { attempts }) => {
        const answer = await book(task, attempts);
        await pg.transactGrouped("reports", (tx) => change(tx, task.orderId, answer));
      },
      { concurrency: 8 },
    ),
    ...callOffTask.runs(async ({ shipmentIds }) => {
      await Promise.all(shipmentIds.map((id) => carrier.callOff(id)));
    }),
  };

  async function book(task: BookTask, attempts: number): Promise<Message> {
    const { orderId, parcels, confirmedAt, ...common } = task;
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
