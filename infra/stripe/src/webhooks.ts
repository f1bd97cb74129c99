import { createHmac } from "node:crypto";
import { setTimeout as wait } from "node:timers/promises";
import type { Knobs } from "./knobs.ts";
import { newId } from "./new-id.ts";
import type { Delivery, Store } from "./store.ts";

export type WebhookTarget = { url: string; secret: string };

const atOnce = 16;
const firstRetryMs = 200;
const longestRetryMs = 30_000;
const answerWithinMs = 10_000;

/** Writes the event beside its cause (same transaction), to be listed for 30 days and, if somebody listens, delivered. */
export function record(
  store: Store,
  knobs: Knobs,
  { type, object, now, isHeard }: { type: string; object: object; now: number; isHeard: boolean },
): void {
  const id = newId("evt");
  const body = JSON.stringify({
    id,
    object: "event",
    api_version: null,
    created: Math.floor(now / 1000),
    data: { object },
    livemode: false,
    pending_webhooks: 1,
    request: null,
    type,
  });
  store.addEvent(id, type, Math.floor(now / 1000), body);
  if (!isHeard) return;
  store.addDelivery(id, id, body, now + knobs.webhookDelayMs);
  if (Math.random() < knobs.duplicateWebhooks) {
    store.addDelivery(`${id}:again`, id, body, now + knobs.webhookDelayMs + Math.random() * 1000);
  }
}

export function signature(body: string, secret: string, seconds: number): string {
  return `t=${seconds},v1=${createHmac("sha256", secret).update(`${seconds}.${body}`).digest("hex")}`;
}

/** Delivers what is due until it is stopped: again with back-off until somebody answers 2xx. */
export function deliverWebhooks(store: Store, target: WebhookTarget) {
  const stop = new AbortController();
  const underWay = new Map<string, Promise<void>>();
  let poke = () => {};

  const looping = (async () => {
    while (!stop.signal.aborted) {
      const due = store.dueDeliveries(Date.now(), atOnce * 2).filter((one) => !underWay.has(one.id));
      for (const delivery of due.slice(0, atOnce - underWay.size)) {
        underWay.set(
          delivery.id,
          deliver(delivery).finally(() => underWay.delete(delivery.id)),
        );
      }
      const next = store.nextDue() ?? Infinity;
      const poked = new Promise<void>((resolve) => (poke = resolve));
      const pause = wait(Math.min(Math.max(next - Date.now(), 5), 250), undefined, { ref: true });
      await Promise.race([poked, pause, ...(underWay.size >= atOnce ? underWay.values() : [])]);
    }
    await Promise.allSettled(underWay.values());
  })();

  async function deliver(delivery: Delivery): Promise<void> {
    const accepted = await post(delivery.body).catch(() => false);
    if (accepted) return store.delivered(delivery.id);
    const backOff = Math.min(firstRetryMs * 2 ** delivery.attempts, longestRetryMs);
    store.putOff(delivery.id, Date.now() + backOff * (0.75 + Math.random() / 2));
  }
  async function post(body: string): Promise<boolean> {
    const response = await fetch(target.url, {
      method: "POST",
      body,
      headers: {
        "content-type": "application/json; charset=utf-8",
        "stripe-signature": signature(body, target.secret, Math.floor(Date.now() / 1000)),
      },
      redirect: "manual",
      signal: AbortSignal.any([stop.signal, AbortSignal.timeout(answerWithinMs)]),
    });
    // Read to its end, since a body that is given up closes the connection, and each delivery would open one.
    await response.arrayBuffer();
    return response.ok;
  }

  return {
    async [Symbol.asyncDispose]() {
      stop.abort();
      poke();
      await looping;
    },
  };
}
