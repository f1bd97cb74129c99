import type { NewTask } from "@shop/events";
import { expect, test } from "vitest";
import { cancelled, confirmed } from "../../test/builders.ts";
import { decide } from "./decide.ts";
import type { Delivery } from "./delivery.ts";
import type { Message } from "./message.ts";
import type { BookTask, CallOffTask } from "./tasks.ts";

test("whatever comes first, twice or late, the carrier has exactly the parcels of orders that stand", () => {
  const endings = new Map<string, number>();
  for (let seed = 1; seed <= 2_000; seed++) {
    const { state, booked, isOff, versions } = play(seeded(seed));
    const ending = state?.status ?? "NOTHING";
    endings.set(ending, (endings.get(ending) ?? 0) + 1);
    const expected = ending === "BOOKED" ? (state?.shipments.map(({ id }) => id) ?? []) : [];
    expect([...booked].sort(), `seed ${seed} ended ${ending}`).toEqual(expected);
    if (isOff) expect(["CANCELLED", "FAILED"], `seed ${seed}`).toContain(ending);
    else expect(["BOOKED", "FAILED"], `seed ${seed}`).toContain(ending);
    expect(versions, `seed ${seed}`).toEqual(versions.toSorted((one, other) => one - other));
  }
  expect([...endings.keys()].sort()).toEqual(["BOOKED", "CANCELLED", "FAILED"]);
});

/** One order's events, the carrier's answers and the tasks, in a random order and number. */
function play(random: (below: number) => number) {
  const confirmation = confirmed({ warehouses: ["BER", "RNO"] });
  const isOff = random(2) === 0;
  const isRefused = random(4) === 0;
  const booked = new Set<string>();
  const versions: number[] = [];
  let state: Delivery | undefined;
  const request: Message = {
    ...{ type: "CallOff", orderId: "ord_1", by: "CUSTOMER", reason: null, request: "key-1" },
    at: "2026-03-01T13:00:00.000Z",
  };

  type Due = { message: Message } | { task: NewTask };
  const due: Due[] = [{ message: confirmation }, { message: confirmation }];
  const off: Message[] = [cancelled(), request, request];
  if (isOff) for (const message of off.slice(random(3))) due.push({ message });

  while (due.length > 0) {
    const [next] = due.splice(random(due.length), 1);
    if (!next) break;
    if ("task" in next) {
      run(next.task);
      if (random(4) === 0) due.push(next);
      continue;
    }
    const decision = decide(state, next.message);
    if (decision.outcome === "ignored") continue;
    state = decision.state;
    for (const event of decision.events) versions.push(event.aggregate.version);
    due.push(...decision.tasks.map((task) => ({ task })));
  }
  return { state, booked, isOff, versions };

  function run({ kind, payload }: NewTask): void {
    const at = "2026-03-01T13:00:00.000Z";
    if (kind === "call-off") {
      for (const id of (payload as CallOffTask).shipmentIds) booked.delete(id);
      return;
    }
    const { orderId, parcels } = payload as BookTask;
    const bookings = parcels.map(({ shipmentId }) => ({
      shipmentId,
      trackingNumber: "T",
      trackingUrl: "https://c.example",
    }));
    // Refused as a whole after one parcel was taken, or taken as a whole.
    for (const { shipmentId } of isRefused ? parcels.slice(0, 1) : parcels) booked.add(shipmentId);
    const message: Message = isRefused
      ? { type: "BookingRefused", orderId, reason: "REFUSED_BY_CARRIER", at }
      : { type: "ParcelsBooked", orderId, bookings, at };
    due.push({ message });
  }
}

/** Whole numbers from 0 to below `below`, the same for the same seed. */
function seeded(seed: number): (below: number) => number {
  let state = seed * 2_654_435_761;
  return (below) => {
    state = (Math.imul(state ^ (state >>> 15), 2_246_822_519) + 3_266_489_917) >>> 0;
    return (state >>> 8) % below;
  };
}
