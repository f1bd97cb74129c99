import { event, seal, subjectOf, type ShopEvent } from "@shop/events";
import { openBus, openLog, openPostgres, type Tx } from "@shop/service";
import { eventually, testStores, type TestStores } from "@shop/testkit";
import { afterAll, beforeAll, expect, test } from "vitest";
import { migrate } from "../src/postgres/migrate.ts";
import { startProjection } from "../src/messaging/projection.ts";

let stores: TestStores;
beforeAll(async () => void (stores = await testStores()));
afterAll(() => stores[Symbol.asyncDispose]());

test("what a projection has in hand when it stops goes to the next one at once", async () => {
  const log = openLog("payment", "silent");
  const keys = { identityKey: "none", calleeKeys: {} };
  await using bus = await openBus({ url: stores.natsUrl, service: "payment", ...keys, log });
  await using pg = openPostgres(await stores.databaseUrl("projection"), { service: "payment" });
  await migrate(pg.sql, new URL("./fixture/migrations/", import.meta.url));
  const begin = (batch: (tx: Tx, events: readonly ShopEvent[]) => Promise<void>) => {
    const stopping = new AbortController();
    const about = { service: "payment" as const, bus, pg, log };
    const projecting = startProjection({
      ...about,
      projection: { types: ["OrderExpired"], batch },
      signal: stopping.signal,
    });
    const stop = async () => {
      stopping.abort();
      await projecting.running;
    };
    return { ...projecting, stop };
  };
  let tries = 0;
  const first = begin(async () => {
    tries++;
    throw new Error("not this one");
  });
  await eventually(() => first.trouble() === undefined);
  const data = { orderId: "ord_hand" };
  const expired = seal(event("OrderExpired", { aggregateId: "ord_hand", version: 1, data }), new Date());
  await bus.js.publish(subjectOf(expired), JSON.stringify(expired));
  await eventually(() => tries > 0);
  await first.stop();
  const projected: string[] = [];
  const second = begin(
    async (_tx, events) => void projected.push(...events.map(({ aggregate }) => aggregate.id)),
  );
  // The consumer itself would give it again after 10 s.
  await eventually(() => projected.includes("ord_hand"), "it is still waited for", 4_000);
  expect(projected).toEqual(["ord_hand"]);
  await second.stop();
});
