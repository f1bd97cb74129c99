import { createHmac } from "node:crypto";
import { setTimeout as wait } from "node:timers/promises";
import { Pool } from "undici";
import type { FaultSettings } from "./fault-settings.ts";
import { newId } from "./new-id.ts";
import type { Delivery, Store } from "./store.ts";

export type WebhookTarget = { url: string; secret: string };

const maxConcurrent = 16;
const firstRetryMs = 200;
const maxRetryMs = 30_000;
const timeoutMs = 10_000;

/** Writes an event in the transaction of its cause: listed for 30 days, and delivered where a webhook is set. */
export function recordEvent(
  store: Store,
  faults: FaultSettings,
  { type, object, hasWebhook }: { type: string; object: object; hasWebhook: boolean },
): void {
  const id = newId("evt");
  const now = Date.now();
  const created = Math.floor(now / 1000);
  const body = JSON.stringify({
    id,
    object: "event",
    api_version: null,
    created,
    data: { object },
    livemode: false,
    pending_webhooks: 1,
    request: null,
    type,
  });
  store.addEvent(id, type, created, body);
  if (!hasWebhook) return;
  store.addDelivery(id, id, body, now + faults.webhookDelayMs);
  if (Math.random() < faults.duplicateWebhooks) {
    store.addDelivery(`${id}:again`, id, body, now + faults.webhookDelayMs + Math.random() * 1000);
  }
}

export function signature(body: string, secret: string, seconds: number): string {
  return `t=${seconds},v1=${createHmac("sha256", secret).update(`${seconds}.${body}`).digest("hex")}`;
}

/** Delivers due events until it is disposed of, each with back-off until the target answers 2xx. */
export function deliverWebhooks(store: Store, target: WebhookTarget) {
  const stop = new AbortController();
  const url = new URL(target.url);
  const pool = new Pool(url.origin, {
    connections: maxConcurrent,
    headersTimeout: timeoutMs,
    bodyTimeout: timeoutMs,
  });
  const underWay = new Map<string, Promise<void>>();
  let wake = () => {};

  // Not the kit's pollLoop: the stand-in imports nothing of the shop, as the provider it stands for (turbo.json).
  const looping = (async () => {
    while (!stop.signal.aborted) {
      const due = store.dueDeliveries(Date.now(), maxConcurrent * 2).filter((one) => !underWay.has(one.id));
      for (const delivery of due.slice(0, maxConcurrent - underWay.size)) {
        underWay.set(
          delivery.id,
          deliver(delivery).finally(() => underWay.delete(delivery.id)),
        );
      }
      const next = store.nextDue(underWay.size) ?? Infinity;
      const woken = new Promise<void>((resolve) => (wake = resolve));
      const pause = wait(Math.min(Math.max(next - Date.now(), 5), 250), undefined, { ref: true });
      await Promise.race([woken, pause, ...(underWay.size >= maxConcurrent ? underWay.values() : [])]);
    }
    await Promise.allSettled(underWay.values());
  })();

  async function deliver(delivery: Delivery): Promise<void> {
    const accepted = await post(delivery.body).catch(() => false);
    if (accepted) return store.removeDelivery(delivery.id);
    const backOff = Math.min(firstRetryMs * 2 ** delivery.attempts, maxRetryMs);
    store.retryDelivery(delivery.id, Date.now() + backOff * (0.75 + Math.random() / 2));
  }
  async function post(body: string): Promise<boolean> {
    const response = await pool.request({
      path: `${url.pathname}${url.search}`,
      method: "POST",
      body,
      headers: {
        "content-type": "application/json; charset=utf-8",
        "stripe-signature": signature(body, target.secret, Math.floor(Date.now() / 1000)),
      },
      signal: stop.signal,
    });
    // An unread body closes the connection, and each delivery would open another.
    await response.body.dump();
    return response.statusCode >= 200 && response.statusCode < 300;
  }

  return {
    async [Symbol.asyncDispose]() {
      stop.abort();
      wake();
      await looping;
      await pool.destroy();
    },
  };
}
