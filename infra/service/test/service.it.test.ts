import { execFile } from "node:child_process";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { event, type NewEvent } from "@shop/events";
import { audienceKey, done, handleOnce, idempotent, identityHeader, signIdentity } from "@shop/service";
import {
  customer,
  eventually,
  guest,
  startTestService,
  testMasterKey,
  testStores,
  type TestStores,
} from "@shop/testkit";
import { request } from "undici";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { failed, notesService } from "./fixture/notes-service.ts";

let stores: TestStores;
beforeAll(async () => {
  stores = await testStores();
});
afterAll(() => stores[Symbol.asyncDispose]());

const confirmed = (orderId: string): NewEvent<"OrderConfirmed"> =>
  event("OrderConfirmed", {
    aggregateId: orderId,
    version: 3,
    sagaId: orderId,
    data: {
      orderId,
      customerId: null,
      cartId: "cart_1",
      lines: [
        {
          lineId: "l",
          variantId: "v",
          productId: "p",
          sku: "S",
          title: "T",
          imageUrl: null,
          quantity: 1,
          unitPrice: { amount: 1, currency: "USD" },
          lineTotal: { amount: 1, currency: "USD" },
          weightGrams: 0,
        },
      ],
      allocations: [{ warehouseCode: "BER", warehouseCountry: "DE", lineId: "l", sku: "S", quantity: 1 }],
      address: { name: "A", line1: "1", city: "B", postalCode: "1", country: "DE" },
      shippingOptionId: "standard",
    },
  });

const start = (failures = 0) => {
  const behave = { failures, ran: [] as string[], batches: [] as string[][] };
  return startTestService(notesService(behave), { stores }).then((service) => ({ service, behave }));
};

describe("a service on the kit", () => {
  test("has each event's effect once, however often it fails and comes again; then tells and does", async () => {
    const { service, behave } = await start(2);
    await using _ = service;
    const sent = await service.publish(confirmed("ord_a"));
    await service.waitForEvent("ShipmentFailed", ({ data }) => data.orderId === "ord_a");
    await service.republish(sent);
    await service.republish(sent);
    await service.publish(confirmed("ord_b"));
    await service.waitForEvent("ShipmentFailed", ({ data }) => data.orderId === "ord_b");
    expect(service.events("ShipmentFailed").filter(({ data }) => data.orderId === "ord_a")).toHaveLength(1);
    await eventually(() => behave.ran.length === 2);
    expect(behave.ran.toSorted()).toEqual(["ord_a", "ord_b"]);
    const { pg } = service.kit;
    await eventually(async () => (await pg.sql`select 1 from tasks`).length === 0);
    expect(await pg.sql`select 1 from published_events`).toHaveLength(2);
  });

  test("buries what can never be handled, and the partition goes on", async () => {
    const { service } = await start();
    await using _ = service;
    const data = { orderId: "ord_c", reason: "", by: "SYSTEM" as const };
    await service.publish(
      event("OrderCancelled", { aggregateId: "ord_c", version: 1, sagaId: "ord_c", data }),
    );
    const { pg } = service.kit;
    await eventually(
      async () => (await pg.sql`select 1 from dead_letters`).length === 1,
      "no dead letter",
      60_000,
    );
    await service.publish(confirmed("ord_c"));
    await service.waitForEvent("ShipmentFailed", (it) => it.data.orderId === "ord_c");
    // Nothing has changed, so it comes back; the operator has to mend the cause before the replay.
    await pg.sql`update dead_letters set replay_requested = true`;
    await eventually(
      async () => (await pg.sql`select 1 from dead_letters where not replay_requested`).length === 1,
      "the dead letter was not taken up again",
    );
    await pg.sql`update dead_letters set replay_requested = true, body = replace(body, '"OrderCancelled"', '"ShipmentFailed"')`;
    await eventually(
      async () => (await pg.sql`select 1 from dead_letters`).length === 0,
      "the dead letter was not handled",
    );
  });

  test("projection a dead letter that is asked for again", async () => {
    const { service, behave } = await start();
    await using _ = service;
    const { pg } = service.kit;
    const data = { sku: "CUP", variantId: "v", productId: "p", available: 1, version: 1 };
    const sent = await service.publish(event("StockChanged", { aggregateId: "CUP", version: 1, data }));
    await eventually(() => behave.batches.flat().includes("CUP"));
    behave.batches.length = 0;
    await pg.sql`
      insert into dead_letters (event_id, subject, body, reason, attempts, replay_requested)
      values (${sent.id}, 'evt.inventory.0.StockChanged', ${JSON.stringify(sent)}, 'a bug', 10, true)`;
    await eventually(async () => (await pg.sql`select 1 from dead_letters`).length === 0);
    expect(behave.batches.flat()).toEqual(["CUP"]);
  });

  test("publishes again what a wiped stream has lost, and handlers on", async () => {
    const { service } = await start();
    await using _ = service;
    await service.publish(confirmed("ord_d"));
    await service.waitForEvent("ShipmentFailed", (it) => it.data.orderId === "ord_d");
    const jsm = await service.kit.bus.nc.jetstreamManager();
    await eventually(async () => (await service.kit.pg.sql`select 1 from published_events`).length === 1);
    await jsm.streams.delete("SHOP");
    await service.kit.pg.transact((tx) => Promise.resolve(tx.publish(failed("ord_e"))));
    await eventually(
      () => service.events("ShipmentFailed").filter((it) => it.data.orderId === "ord_d").length === 2,
    );
    await service.waitForEvent("ShipmentFailed", (it) => it.data.orderId === "ord_e");
    await service.publish(confirmed("ord_f"));
    await service.waitForEvent("ShipmentFailed", (it) => it.data.orderId === "ord_f");
  });

  test("never leaves half a transaction behind when its backend is killed", async () => {
    const program = fileURLToPath(new URL("./fixture/kill-backends.ts", import.meta.url));
    const { stdout } = await promisify(execFile)(process.execPath, [
      program,
      await stores.databaseUrl("torn"),
    ]);
    const { uncaught, parts } = JSON.parse(stdout) as { uncaught: number; parts: number[] };
    expect(uncaught).toBe(0);
    expect(parts.length).toBeGreaterThanOrEqual(1);
    expect(parts.every((count) => count === 3)).toBe(true);
  });

  test("answers one key once, two at once included, and refuses it for another input", async () => {
    const { service } = await start();
    await using _ = service;
    const { pg } = service.kit;
    let worked = 0;
    const use = (input: unknown, keep = true) =>
      idempotent(pg, { caller: "usr_1", operation: "note", key: "k", input }, async () => {
        worked++;
        return { keep, answer: { worked } };
      });
    expect(await use({ b: 1, a: 2 }, false)).toMatchObject({ answer: { worked: 1 } });
    const both = await Promise.all([use({ a: 2, b: 1 }), use({ b: 1, a: 2 })]);
    expect(both).toMatchObject([{ answer: { worked: 2 } }, { answer: { worked: 2 } }]);
    expect(both.filter((one) => !one.reused && one.replayed)).toHaveLength(1);
    expect(await use({ a: 2, b: 1, c: null, d: undefined })).toMatchObject({ replayed: true });
    expect(await use({ a: 3 })).toEqual({ reused: true });
  });

  test("stops, also when the stop comes while its consumers are still being made", async () => {
    for (let turns = 0; turns < 20; turns += 2) {
      const { service } = await start();
      for (let turn = 0; turn < turns; turn++) await new Promise((resolve) => setImmediate(resolve));
      await service[Symbol.asyncDispose]();
    }
  });

  test("hands dates and JSON to raw SQL and to drizzle alike", async () => {
    const { service } = await start();
    await using _ = service;
    const { pg } = service.kit;
    const at = new Date("2026-01-02T03:04:05.678Z");
    const [row] =
      await pg.sql`select ${at}::timestamptz as at, ${pg.sql.json({ a: [1] })}::jsonb as doc, 9::bigint as n`;
    expect(row).toEqual({ at, doc: { a: [1] }, n: 9 });
  });

  test("feeds a projection, and answers who asks over NATS when the asker is vouched for", async () => {
    const { service, behave } = await start();
    await using _ = service;
    const data = { sku: "A", variantId: "v", productId: "p", available: 1, version: 1 };
    await service.publish(event("StockChanged", { aggregateId: "A", version: 1, data }));
    await eventually(() => behave.batches.flat().includes("A"));
    const asked = {
      weightGrams: 1,
      subtotal: { amount: 1, currency: "USD" },
      address: confirmed("x").data.address,
    };
    expect(await service.kit.bus.request("shipping.options", asked, customer())).toEqual({ options: [] });
    await expect(service.kit.bus.request("shipping.options", asked, guest)).rejects.toThrow(
      /does not answer/,
    );
  });

  test("serves its graph to the gateway only, batches included, and masks faults", async () => {
    const { service } = await start();
    await using _ = service;
    expect(await service.graphql("{ whoAmI price { amount currency } }")).toEqual({
      data: { whoAmI: "guest", price: { amount: "19.99", currency: "USD" } },
    });
    const fault = await service.graphql("{ fault }");
    expect(JSON.stringify(fault)).not.toContain("secret");
    expect(fault.errors?.[0]?.extensions?.["code"]).toBe("INTERNAL_SERVER_ERROR");
    expect((await service.graphql("{ page(first: 1000) }")).errors?.[0]?.extensions).toMatchObject({
      code: "BAD_USER_INPUT",
    });
    const post = (token: string, body: string) =>
      request(`${service.url}/graphql`, { method: "POST", headers: { [identityHeader]: token }, body });
    const key = audienceKey(testMasterKey, "shipping");
    const good = signIdentity(guest, "shipping", key);
    const bad = [
      "",
      signIdentity(guest, "order", key),
      signIdentity(guest, "shipping", "another key"),
      signIdentity(guest, "shipping", key, Date.now() - 120_000),
      `${good}x`,
    ];
    for (const token of bad) expect((await post(token, '{"query":"{ whoAmI }"}')).statusCode).toBe(401);
    const batch = await post(good, '[{"query":"{ whoAmI }"},{"query":"{ nothing }"}]');
    expect(await batch.body.json()).toMatchObject([{ data: { whoAmI: "guest" } }, { errors: [{}] }]);
    expect((await post(good, '"\xff"')).statusCode).toBe(400);
  });

  test("remembers what it handled across a restart", async () => {
    const databaseUrl = await stores.databaseUrl("again");
    const behave = { failures: 0, ran: [], batches: [] };
    const first = await startTestService(notesService(behave), { stores, databaseUrl });
    const sent = await first.publish(confirmed("ord_g"));
    await first.waitForEvent("ShipmentFailed", (it) => it.data.orderId === "ord_g");
    await first.stop();
    await using second = await startTestService(notesService(behave), { stores, databaseUrl });
    expect(await handleOnce(second.kit.pg, {}, sent)).toMatchObject({ outcome: "ignored" });
    const handlers = { OrderConfirmed: async () => done() };
    expect(await handleOnce(second.kit.pg, handlers, sent)).toEqual({ outcome: "ignored", reason: "SEEN" });
  });
});
