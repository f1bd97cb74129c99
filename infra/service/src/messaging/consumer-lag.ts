import type { Provision } from "./provision.ts";

/** An event that waits for longer makes the service degraded. */
const maxWaitMs = 5_000;
/** So do more events that wait, however young they are. */
const maxWaiting = 1_000;
/** The relays look for what a stream has lost every 2 s; before they have, a new consumer can't know what it lacks. */
const doubtMs = 6_000;

/** Says with each look at a consumer what it is behind with; undefined when it has what there is. */
export function consumerLag(producers: ReadonlySet<string>) {
  let inDoubtUntil = 0;
  // What waited at a look in the past is through once the consumer has reached `target`.
  let behind: { since: number; target: number } | undefined;

  return {
    /** The consumer was lost and made anew. */
    wasRemade(now = Date.now()): void {
      inDoubtUntil = now + doubtMs;
    },
    look({ stream, consumer, republishing }: Provision, now = Date.now()): string | undefined {
      if (!consumer) return undefined;
      const { pending, inHand, reached, sentUpTo } = consumer;
      const waiting = pending + inHand;
      // The last event of the stream may be none of its own, and is never reached then.
      const lastOwn = pending === 0 ? sentUpTo : stream.lastSeq;
      const target = Math.min(behind?.target ?? lastOwn, lastOwn);
      if (waiting === 0) behind = undefined;
      else if (!behind || reached >= target) behind = { since: now, target: lastOwn };
      else behind.target = target;
      const awaited = republishing.filter((producer) => producers.has(producer));
      if (awaited.length > 0)
        return `the stream has lost events; those of ${awaited.join(", ")} are being published again`;
      if (waiting > maxWaiting) return `it is behind: ${waiting} events wait`;
      if (behind && now - behind.since >= maxWaitMs)
        return `it is behind: ${waiting} events wait, the oldest for more than ${maxWaitMs / 1_000} s`;
      if (now < inDoubtUntil) return "it was lost and made anew; it may not have had all events yet";
      return undefined;
    },
  };
}
