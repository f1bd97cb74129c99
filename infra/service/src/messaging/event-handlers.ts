import type { EventType, ShopEvent } from "@shop/events";
import type { Tx } from "../postgres/transaction.ts";
import type { Outcome } from "./outcome.ts";

/** Event type -> handler, which runs inside the transaction that records the event as handled. */
export type EventHandlers = { [T in EventType]?: (tx: Tx, event: ShopEvent<T>) => Promise<Outcome> };

/**
 * A copy of what others own, kept by events in batches: at least once, in any order, so it must compare versions. Tables are
 * written by `batch`, in one transaction; a copy that lives elsewhere by `apply`, which holds none open meanwhile.
 */
export type Projection<T extends EventType = EventType> = {
  types: readonly T[];
  /**
   * Called when the stream has dropped events that this service hasn't had, or its consumer was lost: requests everything
   * from the owners, or records durably that this is due. Repeated until it succeeds.
   */
  missed?: () => Promise<void>;
} & (
  | { batch: (tx: Tx, events: readonly ShopEvent<T>[]) => Promise<void> }
  | { apply: (events: readonly ShopEvent<T>[]) => Promise<void> }
);
