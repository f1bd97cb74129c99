import type { Provision } from "./provision.ts";

/** An event that waits for longer makes the service degraded. */
const maxWaitMs = 5_000;
/** More waiting events than this do so as well, however young they are. */
const maxWaiting = 1_000;
/** Relays check the stream for lost events every 2 s; before that, a new consumer can't know what it lacks. */
const doubtMs = 6_000;

/** Says after each check of a consumer why it lags; undefined when it has all events. */
export function consumerLag(producers: ReadonlySet<string>) {
  let inDoubtUntil = 0;
  // The events that waited at an earlier check are handled once the consumer has reached `target`.
  let behind: { since: number; target: number } | undefined;
  // Whether the events that waited at the first check have been handled.
  let hasCaughtUp = false;

  return {
    /** The consumer was lost and made anew. */
    wasRemade(now = Date.now()): void {
      inDoubtUntil = now + doubtMs;
    },
    check({ stream, consumer, republishing }: Provision, now = Date.now()): string | undefined {
      if (!consumer) return undefined;
      const { pending, inHand, reached, sentUpTo } = consumer;
      const waiting = pending + inHand;
      // The last event of the stream may not be for this consumer, which then never reaches it.
      const lastOwn = pending === 0 ? sentUpTo : stream.lastSeq;
      const target = Math.min(behind?.target ?? lastOwn, lastOwn);
      hasCaughtUp ||= waiting === 0 || (behind !== undefined && reached >= target);
      if (waiting === 0) behind = undefined;
      else if (!behind || reached >= target) behind = { since: now, target: lastOwn };
      else behind.target = target;
      const awaited = republishing.filter((producer) => producers.has(producer));
      if (awaited.length > 0)
        return `the stream has lost events; those of ${awaited.join(", ")} are being published again`;
      if (waiting > maxWaiting) return `it is behind: ${waiting} events wait`;
      if (behind && now - behind.since >= maxWaitMs)
        return `it is behind: ${waiting} events wait, the oldest for more than ${maxWaitMs / 1_000} s`;
      if (!hasCaughtUp) return `it is catching up since its start: ${waiting} events wait`;
      if (now < inDoubtUntil) return "it was lost and made anew; it may not have had all events yet";
      return undefined;
    },
  };
}
