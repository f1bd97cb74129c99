import { event, seal, subjectOf, type NewEvent } from "@shop/events";
import { done, openBus, openLog, openPostgres, type Hears } from "@shop/service";
import { eventually, testStores, type TestStores } from "@shop/testkit";
import { partitionOf } from "@shop/values";
import { afterAll, beforeAll, expect, test } from "vitest";
import { startInbox } from "../src/inbox.ts";
import { migrate } from "../src/migrate.ts";

let stores: TestStores;
beforeAll(async () => void (stores = await testStores()));
afterAll(() => stores[Symbol.asyncDispose]());

const paid = (orderId: string) =>
  event("OrderPaid", {
    aggregateId: orderId,
    version: 1,
    sagaId: orderId,
    data: { orderId, paymentId: "pay" },
  });

/** Payment's inbox alone, without a service around it. */
async function openInbox(hears: Hears) {
  const log = openLog("payment", process.env["LOG_LEVEL"] ?? "silent");
  const bus = await openBus({
    url: stores.natsUrl,
    service: "payment",
    identityKey: "none",
    calleeKeys: {},
    log,
  });
  const pg = openPostgres(await stores.databaseUrl("inbox"), { service: "payment" });
  await migrate(pg.sql, new URL("./fixture/migrations/", import.meta.url));
  const stopping = new AbortController();
  const inbox = startInbox({ service: "payment", bus, pg, hears, log, signal: stopping.signal });
  return {
    bus,
    pg,
    async publish(...events: NewEvent[]) {
      for (const one of events.map((fresh) => seal(fresh, new Date())))
        await bus.js.publish(subjectOf(one), JSON.stringify(one));
    },
    async [Symbol.asyncDispose]() {
      stopping.abort();
      await inbox?.running;
      await pg[Symbol.asyncDispose]();
      await bus[Symbol.asyncDispose]();
    },
  };
}

test("an event waits for the earlier one of its saga, and for no other saga of its partition", async () => {
  const orders = Array.from({ length: 100 }, (_, n) => `ord_${n}`);
  const partition = partitionOf("ord_0");
  const [slow = "", other = ""] = orders.filter((id) => partitionOf(id) === partition);
  const { promise: mayEnd, resolve: end } = Promise.withResolvers<void>();
  const begun: string[] = [];
  let running = 0;
  let most = 0;
  await using inbox = await openInbox({
    OrderPaid: async (_tx, { data }) => {
      begun.push(data.orderId);
      if (data.orderId !== slow) return done();
      most = Math.max(most, ++running);
      // Its group waits for it; what comes alone after that must not.
      await mayEnd;
      running--;
      return done();
    },
  });
  await inbox.publish(paid(slow));
  await eventually(() => begun.includes(slow));
  await inbox.publish(paid(slow), paid(other));
  await eventually(() => begun.includes(other), "another saga had to wait");
  expect(begun).toEqual([slow, other]);
  end();
  await eventually(() => begun.length === 3);
  expect(most).toBe(1);
});
