import type { Bus } from "./bus.ts";
import type { ConsumerProgress } from "./provision.ts";

/** Events that a consumer may have before it when more are published again: it handles them in a fraction of a second. */
const maxWaiting = 400;
/** A consumer that was sent nothing for so long is stuck; waiting for it would leave the others without their lost events. */
const stuckAfterMs = 1_000;
/** A batch this often in any case: while the provisioner doesn't answer, or consumers are behind for hours. */
const maxPauseMs = 2_000;

/**
 * Whether another batch of lost events may be published again now. A consumer reads the stream in order, so that a new event
 * waits for all that was published before it: no more is put there than the slowest consumer that moves can take at once.
 */
export function republishPace(bus: Pick<Bus, "provision">): () => Promise<boolean> {
  const seen = new Map<string, { sentUpTo: number; at: number }>();
  let wentOnAt = 0;

  return async () => {
    const answer = await bus.provision(undefined, { republishing: true }).catch(() => undefined);
    const now = Date.now();
    const mayGoOn = (answer && hasRoom(answer.consumers, now)) || now - wentOnAt > maxPauseMs;
    if (mayGoOn) wentOnAt = now;
    return mayGoOn;
  };

  function hasRoom(consumers: readonly ConsumerProgress[], now: number): boolean {
    let isFree = true;
    for (const { name, pending, inHand, sentUpTo, isBound } of consumers) {
      const before = seen.get(name);
      if (before?.sentUpTo !== sentUpTo) seen.set(name, { sentUpTo, at: now });
      const isStuck = before?.sentUpTo === sentUpTo && now - before.at > stuckAfterMs;
      if (isBound && !isStuck && pending + inHand > maxWaiting) isFree = false;
    }
    return isFree;
  }
}
