import type { NewEvent } from "./events.ts";

/** An act for after the commit: a call to an outside party, or a timer. */
export type NewTask = {
  kind: string;
  payload: unknown;
  /** The same id is taken once only. */
  id?: string;
  /** Not before this many seconds from the commit. */
  inSeconds?: number;
};

/** A change that a pure rule decided: the next state, the events to publish, and the tasks for after the commit. */
export type Changed<State> = { outcome: "changed"; state: State; events: NewEvent[]; tasks: NewTask[] };

/** A message that changes nothing, and why: `ignored("ALREADY_CANCELLED")`. */
export type Ignored = { outcome: "ignored"; reason: string };

/** The answer of every pure rule of order, payment and shipping. */
export type Decision<State> = Changed<State> | Ignored;

/** A change, with its events and tasks. */
export function changed<State>(state: State, events: NewEvent[] = [], tasks: NewTask[] = []): Changed<State> {
  return { outcome: "changed", state, events, tasks };
}

/** Nothing changes; the reason is logged. */
export function ignored(reason: string): Ignored {
  return { outcome: "ignored", reason };
}
