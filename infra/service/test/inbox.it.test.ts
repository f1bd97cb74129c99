import { randomUUID } from "node:crypto";
import { event, seal, subjectOf, type NewEvent, type ShopEvent } from "@shop/events";
import { done, openBus, openLog, openPostgres, parked, type EventHandlers } from "@shop/service";
import { eventually, testStores, type TestStores } from "@shop/testkit";
import { partitionOf } from "@shop/values";
import { afterAll, beforeAll, expect, test } from "vitest";
import { replayDeadLetters } from "../src/messaging/dead-letters.ts";
import { startInbox } from "../src/messaging/inbox.ts";
import { migrate } from "../src/postgres/migrate.ts";
import { takeUpUnhandled } from "../src/messaging/unhandled-events.ts";

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
async function openInbox(handlers: EventHandlers, given: { databaseUrl?: string } = {}) {
  const log = openLog("payment", process.env["LOG_LEVEL"] ?? "silent");
  const bus = await openBus({
    url: stores.natsUrl,
    service: "payment",
    identityKey: "none",
    calleeKeys: {},
    log,
  });
  const databaseUrl = given.databaseUrl ?? (await stores.databaseUrl("inbox"));
  const pg = openPostgres(databaseUrl, { service: "payment" });
  await migrate(pg.sql, new URL("./fixture/migrations/", import.meta.url));
  const stopping = new AbortController();
  const about = { service: "payment" as const, pg, handlers, log, signal: stopping.signal };
  const inbox = startInbox({ ...about, bus });
  const takingUp = takeUpUnhandled({ ...about, projection: undefined });
  return {
    bus,
    pg,
    inbox,
    async publish(...events: NewEvent[]) {
      for (const one of events.map((fresh) => seal(fresh, new Date())))
        await bus.js.publish(subjectOf(one), JSON.stringify(one));
    },
    async [Symbol.asyncDispose]() {
      stopping.abort();
      await Promise.all([inbox?.running, takingUp]);
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

test("a body that is not what its subject says is a dead letter at once, is never handled, and stops nothing", async () => {
  const handled: string[] = [];
  await using inbox = await openInbox({
    OrderPaid: async (_tx, { data }) => {
      handled.push(data.orderId);
      return done();
    },
    ShipmentUpdated: async (_tx, { data }) => {
      handled.push(`moved ${data.orderId}`);
      return done();
    },
  });
  const { js } = inbox.bus;
  const genuine = seal(paid("ord_genuine"), new Date());
  const forged = seal(paid("ord_forged"), new Date());
  const body = JSON.stringify(forged);
  const elsewhere = (partitionOf("ord_forged") + 1) % 16;
  const wrong: [subject: string, body: string][] = [
    ["evt.shipping.0.ShipmentUpdated", body],
    [`evt.shipping.${partitionOf("ord_forged")}.ShipmentUpdated`, body],
    [`evt.order.${elsewhere}.OrderPaid`, body],
    [subjectOf(forged), JSON.stringify({ ...forged, producer: "shipping" })],
    [subjectOf(forged), JSON.stringify({ ...forged, data: {} })],
    // Under the id of an event that is still to come.
    ["evt.shipping.0.ShipmentUpdated", JSON.stringify({ ...forged, id: genuine.id })],
    [subjectOf(forged), "no JSON \0"],
    [subjectOf(forged), ""],
    [subjectOf(forged), "null"],
  ];
  for (const [subject, text] of wrong) await js.publish(subject, text);
  await js.publish(subjectOf(genuine), JSON.stringify(genuine));
  await eventually(() => handled.includes("ord_genuine"));
  const letters = () => inbox.pg.sql<{ subject: string; reason: string }[]>`
    select subject, reason from dead_letters where is_unverified and not replay_requested`;
  // Well before ten tries would be over.
  await eventually(async () => (await letters()).length === wrong.length, "dead letters are missing", 3_000);
  expect((await letters())[0]?.reason).toMatch(/MisplacedEvent: it came on evt\.shipping/);
  expect(handled).toEqual(["ord_genuine"]);
  // The handler runs before its transaction commits.
  await eventually(async () => (await inbox.pg.sql`select 1 from inbox`).length > 0);
  expect(await inbox.pg.sql`select event_id from inbox`).toEqual([{ event_id: genuine.id }]);

  const stopping = new AbortController();
  const log = openLog("payment", "silent");
  await inbox.pg.sql`update dead_letters set replay_requested = true`;
  const replaying = replayDeadLetters({
    ...{ service: "payment", pg: inbox.pg, log, signal: stopping.signal, projection: undefined },
    handlers: {
      OrderPaid: async () => {
        handled.push("a forged one");
        return done();
      },
    },
  });
  await eventually(async () => (await letters()).length === wrong.length, "they were not looked at again");
  stopping.abort();
  await replaying.running;
  expect(handled).toEqual(["ord_genuine"]);
});

test("a service whose consumer is deleted is deaf for seconds at most", async () => {
  const handled: string[] = [];
  await using inbox = await openInbox({
    OrderPaid: async (_tx, { data }) => {
      handled.push(data.orderId);
      return done();
    },
  });
  await inbox.publish(paid("ord_before"));
  await eventually(() => handled.includes("ord_before"));
  const { consumers } = await inbox.bus.nc.jetstreamManager();
  await consumers.delete("SHOP", "payment-inbox");
  await inbox.publish(paid("ord_after"));
  await eventually(() => handled.includes("ord_after"), "the service is deaf", 5_000);
});

test("of two releases that share a consumer each gets what it alone handles, also when the older starts last", async () => {
  // A handler runs again when what it shared a transaction with failed.
  const handled = new Set<string>();
  const note =
    (release: string) => async (_tx: unknown, event: { type: string; data: { orderId: string } }) => {
      if (orders.includes(event.data.orderId))
        handled.add(`${event.type} by ${release}: ${event.data.orderId}`);
      return done();
    };
  const orders = Array.from({ length: 40 }, (_, n) => `ord_r${n}`);
  const databaseUrl = await stores.databaseUrl("releases");
  const newer = { OrderExpired: note("new"), OrderPaid: note("new") };
  await using second = await openInbox(newer, { databaseUrl });
  await using first = await openInbox(
    { OrderPaid: note("old"), OrderCancelled: note("old") },
    { databaseUrl },
  );
  const both = (id: string) => [
    paid(id),
    event("OrderExpired", { aggregateId: id, version: 2, sagaId: id, data: { orderId: id } }),
    event("OrderCancelled", {
      ...{ aggregateId: id, version: 3, sagaId: id },
      data: { orderId: id, reason: "", by: "SYSTEM" },
    }),
  ];
  await eventually(() => first.inbox?.trouble() === undefined && second.inbox?.trouble() === undefined);
  await first.publish(...orders.flatMap(both));
  const of = (what: string) =>
    [...handled].filter((it) => it.startsWith(what)).map((it) => it.slice(it.indexOf(": ") + 2));
  await eventually(
    () => new Set(of("OrderPaid")).size + of("OrderExpired").length + of("OrderC").length === 120,
  );
  for (const what of ["OrderExpired by new", "OrderCancelled by old"])
    expect(of(what).toSorted()).toEqual(orders.toSorted());
  await eventually(async () => (await first.pg.sql`select 1 from unhandled_events`).length === 0);
});

test("what another release has kept and fails at first is tried again, and what never will do is a dead letter", async () => {
  const handled: string[] = [];
  let failures = 0;
  await using inbox = await openInbox({
    OrderPaid: async (tx, { data }) => {
      if (failures++ === 0) throw new Error("not yet");
      tx.afterCommit(() => void handled.push(data.orderId));
      return done();
    },
  });
  const kept = seal(paid("ord_kept"), new Date());
  const forged = JSON.stringify({ ...kept, producer: "shipping" });
  for (const [id, body] of [
    [randomUUID(), JSON.stringify(kept)],
    [randomUUID(), forged],
  ])
    await inbox.pg.sql`
      insert into unhandled_events (id, type, subject, body)
      values (${id ?? ""}, 'OrderPaid', ${subjectOf(kept)}, ${body ?? ""})`;
  await eventually(async () => (await inbox.pg.sql`select 1 from unhandled_events`).length === 0);
  expect(handled).toEqual(["ord_kept"]);
  expect(await inbox.pg.sql`select body from dead_letters`).toEqual([{ body: forged }]);
});

test("thousands of events a second that are known are recognised", async () => {
  const handled: string[] = [];
  await using inbox = await openInbox({
    OrderPaid: async (_tx, { data }) => {
      handled.push(data.orderId);
      return done();
    },
  });
  const before = new Date(Date.now() - 60_000);
  const events = Array.from({ length: 5_000 }, (_, n) => seal(paid(`ord_known${n}`), before));
  const ids = events.map(({ id }) => id);
  await inbox.pg.sql`insert into inbox (event_id, producer) select unnest(${ids}::uuid[]), 'order'`;
  await eventually(() => inbox.inbox?.trouble() === undefined);
  const begunAt = performance.now();
  await Promise.all(events.map((one) => inbox.bus.js.publish(subjectOf(one), JSON.stringify(one))));
  const last = seal(paid("ord_last"), new Date());
  await inbox.bus.js.publish(subjectOf(last), JSON.stringify(last));
  await eventually(() => handled.includes("ord_last"));
  const { consumers } = await inbox.bus.nc.jetstreamManager();
  await eventually(async () => {
    const { num_ack_pending: inHand, num_pending: pending } = await consumers.info("SHOP", "payment-inbox");
    return inHand + pending === 0;
  });
  const perSecond = Math.round(5_000 / ((performance.now() - begunAt) / 1_000));
  console.log(`${perSecond} known events/s`);
  expect(handled).toEqual(["ord_last"]);
  // On an idle machine 5,000; one by one in transactions that fail it was 95.
  expect(perSecond).toBeGreaterThan(500);
});

test("an event is heard, and buried, whatever other service's events bear its id", async () => {
  const handled: string[] = [];
  await using inbox = await openInbox({
    OrderPaid: async (tx, { data }) => {
      if (data.orderId === "ord_broken") return parked("BROKEN");
      tx.afterCommit(() => void handled.push(data.orderId));
      return done();
    },
    InventoryReleased: async (tx, { data }) => {
      if (data.orderId === "ord_broken") return parked("BROKEN");
      tx.afterCommit(() => void handled.push(`of inventory: ${data.orderId}`));
      return done();
    },
  });
  const released = (orderId: string) =>
    event("InventoryReleased", { aggregateId: orderId, version: 1, data: { orderId, wasSold: false } });
  const { js } = inbox.bus;
  const say = async (...events: ShopEvent[]) => {
    for (const one of events) await js.publish(subjectOf(one), JSON.stringify(one));
  };
  const now = new Date();
  for (const what of ["first", "second", "late", "broken"]) {
    const genuine = seal(paid(`ord_${what}`), what === "late" ? new Date(now.getTime() - 60_000) : now);
    const copy = { ...seal(released(`ord_${what}`), now), id: genuine.id };
    // The two side by side, and one well before the other.
    await (what === "second" ? Promise.all([say(copy), say(genuine)]) : say(copy));
    if (what === "late") await eventually(() => handled.includes("of inventory: ord_late"));
    await say(genuine, copy, genuine);
  }
  await eventually(() => handled.includes("ord_late"));
  const letters = () =>
    inbox.pg.sql<{ subject: string }[]>`select subject from dead_letters order by subject`;
  await eventually(async () => (await letters()).length >= 2, "a dead letter took another's place");
  const { consumers } = await inbox.bus.nc.jetstreamManager();
  await eventually(async () => {
    const { num_ack_pending: inHand, num_pending: pending } = await consumers.info("SHOP", "payment-inbox");
    return inHand + pending === 0;
  });
  const orders = ["ord_first", "ord_late", "ord_second"];
  expect(handled.toSorted()).toEqual([...orders.map((id) => `of inventory: ${id}`), ...orders]);
  expect((await letters()).map(({ subject }) => subject.split(".")[1])).toEqual(["inventory", "order"]);
});
