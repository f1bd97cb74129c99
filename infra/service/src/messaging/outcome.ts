/** How the handling of an event ends. */
export type Outcome =
  | { outcome: "done" }
  | { outcome: "ignored"; reason: string }
  | { outcome: "retry"; reason: string }
  | { outcome: "parked"; reason: string };

/** The event had its effect. */
export const done = (): Outcome => ({ outcome: "done" });

/** Nothing can be decided yet: rolled back and delivered again, after 10 tries put into dead_letters. Never for a gap in versions. */
export const retry = (reason: string): Outcome => ({ outcome: "retry", reason });

/** Only a person can mend the reason: the event is put into dead_letters at once. */
export const parked = (reason: string): Outcome => ({ outcome: "parked", reason });
