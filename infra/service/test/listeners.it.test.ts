import { openBus, openLog, type Bus } from "@shop/service";
import { eventually, startTestService, testStores, type TestStores } from "@shop/testkit";
import { connect } from "nats";
import { afterAll, beforeAll, expect, test } from "vitest";
import { notesService } from "./fixture/notes-service.ts";

let stores: TestStores;
beforeAll(async () => void (stores = await testStores()));
afterAll(() => stores[Symbol.asyncDispose]());

const behave = () => ({ failures: 0, ran: [], batches: [] as string[][] });

function openAs(service: "shipping" | "order", onLost?: (error: Error) => void): Promise<Bus> {
  const log = openLog(service, "silent");
  const keys = { identityKey: "a key of this test", calleeKeys: {} };
  return openBus({ url: stores.natsUrl, service, ...keys, log, ...(onLost && { onLost }) });
}

const garbage = ["no JSON", "", "null", "[]", '"text"', "{}", '{"identity":1}', "\0\xff", "{".repeat(9_000)];

test("a broadcast that can't be read is dropped, and the connection and what follows are none the worse", async () => {
  await using bus = await openAs("order");
  const read: unknown[] = [];
  bus.onBroadcast("order", "orders", (text) => {
    const { order } = JSON.parse(text) as { order: string };
    if (typeof order !== "string") throw new Error("no order");
    read.push(order);
  });
  await bus.ping();
  for (const text of garbage) bus.broadcast("orders", text);
  bus.broadcast("orders", '{"order":"ord_1"}');
  await eventually(() => read.length > 0, "nothing is heard any more", 3_000);
  expect(read).toEqual(["ord_1"]);
  await bus.ping();
  expect(bus.isUp()).toBe(true);
});

test("no body of a request, a delivery or a reply ends the connection", async () => {
  await using service = await startTestService(notesService(behave()), { stores });
  const { nc } = service.kit.bus;
  const { host, username, password } = new URL(stores.natsUrl);
  const other = await connect({ servers: host, user: username, pass: password });
  try {
    for (const subject of ["req.shipping.options", "deliver.shipping.inbox", "deliver.shipping.projection"]) {
      for (const text of garbage) {
        other.publish(subject, text);
        other.publish(subject, text, { reply: "$JS.ACK.SHOP.shipping-inbox.1.x.1.1.0" });
        other.publish(subject, text, { reply: "nobody.there" });
      }
    }
    await other.flush();
    const answer = await other.request("req.shipping.options", "{}", { timeout: 3_000 });
    expect(answer.json()).toMatchObject({ ok: false });
    await nc.flush();
    expect(nc.isClosed()).toBe(false);
  } finally {
    await other.close();
  }
});

test("a connection that ends for good is reported at once", async () => {
  const lost: Error[] = [];
  const bus = await openAs("order", (error) => void lost.push(error));
  await bus.nc.close();
  await eventually(() => lost.length === 1, "it was not told", 1_000);
  expect(lost[0]?.message).toMatch(/ended for good/);
});

test("readyz names each store and consumer that is away, and is 503 only where nothing can be answered", async () => {
  await using service = await startTestService(notesService(behave()), { stores });
  const ready = async () => {
    const answer = await fetch(`${service.url}/readyz`);
    const { status, troubles } = (await answer.json()) as {
      status: string;
      troubles: Record<string, string>;
    };
    return { code: answer.status, status, away: Object.keys(troubles).toSorted() };
  };
  const isWell = async () => (await ready()).status === "ready";
  await eventually(isWell, "it is never ready");

  // Redis is there and says nothing.
  stores.redis.process.kill("SIGSTOP");
  expect(await ready()).toEqual({ code: 200, status: "degraded", away: ["redis"] });
  stores.redis.process.kill("SIGCONT");
  await eventually(isWell, "it is not ready again");

  stores.nats.process.kill("SIGSTOP");
  await eventually(async () => (await ready()).away.length === 4, "what is away is not named");
  expect(await ready()).toEqual({
    code: 200,
    status: "degraded",
    away: ["consumer shipping-inbox", "consumer shipping-projection", "nats", "relay"],
  });
  stores.nats.process.kill("SIGCONT");
  await eventually(isWell, "it is not ready again");
});
