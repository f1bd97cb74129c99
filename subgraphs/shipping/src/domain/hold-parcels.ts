import { changed, ignored, type Decision, type NewTask, type ShopEvent } from "@shop/events";
import type { Delivery } from "./delivery.ts";
import { republishCurrentState } from "./republish-current-state.ts";

/** Holds the parcels that have not left, or releases them; the newest version of the order counts. */
export function holdParcels(
  state: Delivery | undefined,
  { data, aggregate, occurredAt }: ShopEvent<"OrderHoldChanged">,
): Decision<Delivery> {
  const { orderId, isHeld } = data;
  if (!state) {
    const mark = { orderId, version: 1, reason: null, cause: null, calledOff: null, shipments: [] };
    return changed({ ...mark, status: "UNCONFIRMED", hold: { version: aggregate.version, isHeld } });
  }
  const { state: held, tasks } = withHold(state, { version: aggregate.version, isHeld }, occurredAt);
  return held === state ? ignored("OLD_HOLD") : changed(held, [], tasks);
}

/** Answers order's reminder, which repeats whether the parcels are held, in case OrderHoldChanged was lost. */
export function answerAwaited(
  state: Delivery | undefined,
  awaited: ShopEvent<"ShipmentAwaited">,
): Decision<Delivery> {
  if (!state) return ignored("UNKNOWN_DELIVERY");
  const { isHeld } = awaited.data;
  const isNews = isHeld !== undefined && isHeld !== (state.hold?.isHeld ?? false);
  if (!isNews) return republishCurrentState(state, awaited);
  const { version } = awaited.aggregate;
  const { state: held, tasks } = withHold(state, { version, isHeld }, awaited.occurredAt);
  const answer = republishCurrentState(held, awaited);
  if (answer.outcome === "changed") return changed(answer.state, answer.events, [...answer.tasks, ...tasks]);
  return held === state ? answer : changed(held, [], tasks);
}

function withHold(
  state: Delivery,
  { version, isHeld }: { version: number; isHeld: boolean },
  at: string,
): { state: Delivery; tasks: NewTask[] } {
  const known = state.hold;
  if (state.status === "CANCELLED" || state.status === "FAILED") return { state, tasks: [] };
  if (known && version <= known.version) return { state, tasks: [] };
  const { book } = known ?? {};
  const isReleased = !isHeld && book !== undefined && state.status === "BOOKING";
  // The carrier's patience runs from now: it got no request before.
  const tasks: NewTask[] = isReleased ? [{ kind: "book", payload: { ...book, confirmedAt: at } }] : [];
  const hold = { version, isHeld, ...(book && !isReleased ? { book } : {}) };
  return { state: { ...state, version: state.version + 1, hold }, tasks };
}
