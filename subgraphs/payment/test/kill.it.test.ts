import { spawn } from "node:child_process";
import { once } from "node:events";
import { setTimeout as pause } from "node:timers/promises";
import { fileURLToPath } from "node:url";
import { seal, subjectOf, type NewEvent } from "@shop/events";
import { audienceKey, openBus, openLog, openPostgres } from "@shop/service";
import { eventually, testMasterKey, testStores } from "@shop/testkit";
import { expect, test } from "vitest";
import { freePort, givenOrder, startStandIn } from "./fixtures.ts";

const here = (path: string) => fileURLToPath(new URL(path, import.meta.url));

/** Payment in a process of its own, killed after each of these times and started again at once; then left alone. */
function killedAfter(livesMs: number[], env: Record<string, string>) {
  const program = [here("../../../infra/service/src/host.ts"), here("../src/main.ts")];
  const start = () => spawn(process.execPath, program, { env, stdio: ["ignore", "ignore", "inherit"] });
  let child = start();
  const end = async () => {
    const ended = once(child, "exit");
    child.kill("SIGKILL");
    await ended;
  };
  const killing = (async () => {
    for (const lifeMs of livesMs) {
      await pause(lifeMs);
      await end();
      child = start();
    }
  })();
  return { killing, [Symbol.asyncDispose]: () => killing.then(end) };
}

test(
  "payment killed again and again charges each order once, and ends each right",
  { timeout: 300_000 },
  async () => {
    await using opened = new AsyncDisposableStack();
    const stores = opened.use(await testStores());
    const databaseUrl = await stores.databaseUrl("payment");
    const stripe = await startStandIn(await freePort(), { STRIPE_LATENCY_MS: "15" });
    opened.defer(stripe.stop);
    const pg = opened.use(openPostgres(databaseUrl, { service: "test", max: 2 }));
    const log = openLog("order", "silent");
    const bus = opened.use(
      await openBus({
        url: stores.natsUrl,
        service: "order",
        identityKey: testMasterKey,
        calleeKeys: {},
        log,
      }),
    );
    await bus.ensureStream();
    const publish = async (fresh: NewEvent) => {
      const sent = seal(fresh, new Date());
      await bus.js.publish(subjectOf(sent), JSON.stringify(sent));
    };

    const payment = opened.use(
      killedAfter([1200, 900, 1300, 1000, 1500, 1100], {
        LOG_LEVEL: "silent",
        PAYMENT_PORT: "0",
        PAYMENT_DATABASE_URL: databaseUrl,
        PAYMENT_NATS_URL: stores.natsUrl,
        PAYMENT_IDENTITY_KEY: audienceKey(testMasterKey, "payment"),
        STRIPE_SECRET_KEY: "sk_test_shop",
        STRIPE_API_URL: stripe.url,
      }),
    );

    const orders = Array.from({ length: 150 }, () => givenOrder());
    const judged = new Set<string>();
    const judging = (async () => {
      while (judged.size < orders.length) {
        const held = await pg.sql<{ orderId: string }[]>`
        select order_id as "orderId" from payments where status = 'AUTHORIZED'`.catch(() => []);
        for (const { orderId } of held) {
          const at = orders.findIndex((order) => order.orderId === orderId);
          const order = orders[at];
          if (!order || judged.has(orderId)) continue;
          judged.add(orderId);
          // A third is captured, a third cancelled, a third cancelled just after it was won.
          if (at % 3 !== 1) await publish(order.paid);
          if (at % 3 !== 0) await publish(order.cancelled);
        }
        await pause(20);
      }
    })();
    for (const order of orders) {
      await publish(order.initiated);
      await publish(order.reserved);
      await pause(30);
    }
    await judging;
    await payment.killing;

    const open = () =>
      pg.sql<
        { id: string; status: string }[]
      >`select id, status from payments where status not in ('CAPTURED', 'CANCELLED', 'VOIDED', 'REFUNDED')`;
    const isAtRest = async () => (await open()).length === 0;
    const moves = async () => (await open()).map(({ id, status }) => `${id} ${status}`).join(", ");
    await eventually(isAtRest, "some payment never came to rest", { withinMs: 60_000, progress: moves });
    const rows = await pg.sql<{ orderId: string; status: string; intentId: string; refunded: number }[]>`
    select order_id as "orderId", status, intent_id as "intentId", refunded from payments`;
    const byOrder = new Map(rows.map((row) => [row.orderId, row]));
    const intents = await stripe.sdk.paymentIntents.list({ limit: 100 }).autoPagingToArray({ limit: 1000 });
    expect(intents.map((one) => one.id).toSorted()).toEqual(rows.map((row) => row.intentId).toSorted());
    for (const intent of intents) {
      const row = byOrder.get(intent.metadata["orderId"] ?? "");
      const at = orders.findIndex((order) => order.orderId === row?.orderId);
      if (at % 3 === 0) expect(row?.status).toBe("CAPTURED");
      else expect(row?.status).toMatch(/CANCELLED|VOIDED|REFUNDED/);
      const refunds = (await stripe.sdk.refunds.list({ payment_intent: intent.id })).data;
      const kept = intent.amount_received - refunds.reduce((sum, one) => sum + one.amount, 0);
      expect([intent.amount_capturable, kept]).toEqual([0, row?.status === "CAPTURED" ? 4200 : 0]);
    }
  },
);
