import type { EventType, ShopEvent } from "@shop/events";
import type { Tx } from "../postgres/transaction.ts";
import type { Outcome } from "./outcome.ts";

/** Event type -> handler, which runs inside the transaction that records the event as handled. */
export type EventHandlers = { [T in EventType]?: (tx: Tx, event: ShopEvent<T>) => Promise<Outcome> };

/**
 * A copy of what others own, kept by events in batches: at least once, in any order, so `batch` must compare versions.
 * `tx` refuses to work in a service without a database.
 */
export type Projection<T extends EventType = EventType> = {
  types: readonly T[];
  batch: (tx: Tx, events: readonly ShopEvent<T>[]) => Promise<void>;
  /**
   * Events were forgotten before this service got them, or its consumer was lost: asks the owners for all they have, or notes
   * for good that this is to be done. Called until it succeeds, before anything else is read.
   */
  missed?: () => Promise<void>;
};
