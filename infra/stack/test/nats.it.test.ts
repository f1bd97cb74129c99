import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import { AckPolicy, connect, type NatsConnection } from "nats";
import { afterAll, beforeAll, expect, test } from "vitest";
import { startNats, startNatsProvisioner, startStores, type RunningStores } from "@shop/stack";
import { eventually } from "@shop/testkit";

let folder: string;
let stores: RunningStores;
beforeAll(async () => {
  folder = await mkdtemp(path.join(tmpdir(), "shop-stores-"));
  stores = await startStores({ dataFolder: folder, secret: "a secret of this test", isDurable: false });
});
afterAll(async () => {
  await stores.stop();
  await rm(folder, { recursive: true, force: true });
});

async function makeFolder() {
  const made = await mkdtemp(path.join(tmpdir(), "shop-nats-"));
  return { path: made, [Symbol.asyncDispose]: () => rm(made, { recursive: true, force: true }) };
}

const setting = (service: string, name: string): string => {
  const value = stores.env[service]?.[`${service.toUpperCase()}_${name}`];
  if (value === undefined) throw new Error(`${service} has no ${name}`);
  return value;
};

async function natsAs(service: string): Promise<NatsConnection & AsyncDisposable> {
  const url = new URL(setting(service, "NATS_URL"));
  const connection = await connect({
    servers: url.host,
    user: url.username,
    pass: url.password,
    inboxPrefix: `_INBOX.${service}`,
  });
  return Object.assign(connection, { [Symbol.asyncDispose]: () => connection.close() });
}

/** What the server says against it; undefined when it lets it pass. */
async function refusal(connection: NatsConnection, act: () => void): Promise<string | undefined> {
  const errors: string[] = [];
  const watching = (async () => {
    for await (const status of connection.status()) {
      if (status.type === "error") errors.push(String(status.permissionContext?.subject));
    }
  })();
  act();
  await connection.flush();
  // The server answers in order: a second round trip comes after any refusal.
  await connection.flush();
  void watching;
  return errors[0];
}

const ask = async (connection: NatsConnection, subject: string, body: unknown) => {
  const answer = await connection.request(subject, JSON.stringify(body), { timeout: 3_000 });
  return answer.json<{ ok: boolean; error?: string; stream: object; consumer: { created: string } }>();
};
const inbox = { subjects: ["evt.order.*.OrderPaid"], maxAckPending: 10, ackWaitS: 5 };

/** How many events the stream has of each subject, as the admin sees it. */
async function held(): Promise<Record<string, number>> {
  const { streams } = await (await asAdmin()).jetstreamManager();
  return (await streams.info("SHOP", { subjects_filter: ">" })).state.subjects ?? {};
}

let admin: NatsConnection | undefined;
afterAll(() => admin?.close());
async function asAdmin(): Promise<NatsConnection> {
  const { host, username, password } = new URL(stores.urls.nats);
  return (admin ??= await connect({ servers: host, user: username, pass: password }));
}

test("a service has its consumer made by the provisioner, gets its events, and cannot purge what others need", async () => {
  await using order = await natsAs("order");
  const got: string[] = [];
  order.subscribe("deliver.order.inbox", {
    queue: "order",
    callback: (_error, message) => {
      got.push(message.string());
      message.respond("+ACK");
    },
  });
  expect(await ask(order, "provision.order.inbox", inbox)).toMatchObject({ ok: true });
  const { seq } = await order.jetstream().publish("evt.order.0.OrderPaid", "paid");
  await eventually(() => got.includes("paid"));
  const { consumers } = await (await asAdmin()).jetstreamManager();
  await eventually(async () => (await consumers.info("SHOP", "order-inbox")).ack_floor.stream_seq === seq);
  expect(await refusal(order, () => order.publish("$JS.API.STREAM.PURGE.SHOP"))).toBe(
    "$JS.API.STREAM.PURGE.SHOP",
  );
  const last = await order.request("$JS.API.DIRECT.GET.SHOP.evt.order.>");
  expect(last.string()).toBe("paid");
});

test("a consumer and the stream that were deleted are back within seconds", async () => {
  await using order = await natsAs("order");
  const before = await ask(order, "provision.order.inbox", inbox);
  const manager = await (await asAdmin()).jetstreamManager();
  await manager.consumers.delete("SHOP", "order-inbox");
  await eventually(async () => {
    const { created } = await manager.consumers.info("SHOP", "order-inbox");
    return created !== before.consumer.created;
  });
  await manager.streams.delete("SHOP");
  await eventually(() => manager.consumers.info("SHOP", "order-inbox"));
  await order.jetstream().publish("evt.order.0.OrderPaid", "paid again");
});

test("a consumer that two releases share is only ever widened", async () => {
  await using order = await natsAs("order");
  const newer = { ...inbox, subjects: [...inbox.subjects, "evt.shipping.*.ShipmentFailed"] };
  await ask(order, "provision.order.inbox", newer);
  const after = await ask(order, "provision.order.inbox", inbox);
  expect(after.consumer).toMatchObject({ subjects: newer.subjects });
  const { consumers } = await (await asAdmin()).jetstreamManager();
  await consumers.delete("SHOP", "order-inbox");
  const remade = await ask(order, "provision.order.inbox", inbox);
  expect(remade.consumer).toMatchObject({ subjects: newer.subjects });
});

test("no request, acknowledgement or answer of a service can be made to place a message on another's subject", async () => {
  await using shipping = await natsAs("shipping");
  await using order = await natsAs("order");
  await using payment = await natsAs("payment");
  const reached: string[] = [];
  const victims: [NatsConnection, string[]][] = [
    [order, ["deliver.order.>", "live.order.>", "req.order.>", "_INBOX.order.>"]],
    [payment, ["deliver.payment.>", "live.payment.>", "req.payment.>", "_INBOX.payment.>"]],
  ];
  for (const [connection, subjects] of victims) {
    for (const subject of subjects)
      connection.subscribe(subject, { callback: (_error, message) => void reached.push(message.subject) });
    await connection.flush();
  }
  await ask(shipping, "provision.shipping.inbox", {
    ...inbox,
    subjects: ["evt.shipping.*.ShipmentUpdated"],
  });
  const config = { deliver_subject: "evt.payment.3.PaymentCaptured", durable_name: "shipping-inbox" };
  const creating = JSON.stringify({ stream_name: "SHOP", config });
  for (const act of ["CREATE.SHOP", "CREATE.SHOP.shipping-inbox", "DURABLE.CREATE.SHOP.shipping-inbox"]) {
    const subject = `$JS.API.CONSUMER.${act}`;
    expect(await refusal(shipping, () => shipping.publish(subject, creating))).toBe(subject);
  }
  const forged = JSON.stringify({ type: "PaymentCaptured" });
  await shipping.jetstream().publish("evt.shipping.0.ShipmentUpdated", forged);
  // What it is let answer: an announcement of its own that names where the answer goes.
  shipping.subscribe("live.shipping.>", { callback: (_error, message) => void message.respond(forged) });
  await shipping.flush();
  const before = await held();
  const asks: [subject: string, body: string][] = [
    ["$JS.API.DIRECT.GET.SHOP.evt.shipping.>", ""],
    ["$JS.API.CONSUMER.MSG.NEXT.SHOP.shipping-inbox", '{"batch":1}'],
    ["$JS.API.CONSUMER.INFO.SHOP.shipping-inbox", ""],
    ["$JS.API.STREAM.INFO.SHOP", ""],
    ["$JS.ACK.SHOP.shipping-inbox.1.1.1.1.0", "+NXT"],
    ["$JS.ACK.SHOP.shipping-inbox.1.1.1.1.0", "+ACK"],
    ["evt.shipping.0.ShipmentUpdated", forged],
    ["live.shipping.anything", forged],
    ["provision.shipping.stream", "{}"],
    ["req.account.contact", forged],
  ];
  const targets = [
    "evt.payment.3.PaymentCaptured",
    "evt.order.3.OrderPaid",
    "deliver.order.inbox",
    "live.order.orders",
    "req.order.win",
    "_INBOX.order.a.b",
    "_INBOX.payment.a.b",
  ];
  for (const reply of targets) {
    for (const [subject, body] of asks) shipping.publish(subject, body, { reply });
    await shipping.flush();
  }
  // Everything that could still arrive has: the server works in order, and JetStream has answered a later request.
  await ask(shipping, "provision.shipping.stream", {});
  for (const [connection] of victims) await connection.flush();
  expect(reached).toEqual([]);
  const after = await held();
  const own = "evt.shipping.0.ShipmentUpdated";
  expect({ ...after, [own]: 0 }).toEqual({ ...before, [own]: 0 });
});

test("a service is provided with nothing in another's name", async () => {
  await using shipping = await natsAs("shipping");
  const subject = "provision.order.inbox";
  expect(await refusal(shipping, () => shipping.publish(subject, JSON.stringify(inbox)))).toBe(subject);
  const odd = [{ ...inbox, subjects: [">"] }, { ...inbox, maxAckPending: 1e9 }, "text", null];
  for (const body of odd)
    expect(await ask(shipping, "provision.shipping.inbox", body)).toMatchObject({ ok: false });
  expect(await ask(shipping, "provision.shipping.other", inbox)).toMatchObject({ ok: false });
  expect(await ask(shipping, "provision.shipping.inbox", inbox)).toMatchObject({ ok: true });
});

test("a service reads no single event of another, and neither sees, empties nor deletes another's consumer", async () => {
  await using search = await natsAs("search");
  const about = '{"last_by_subj":"evt.order.>"}';
  const filtered = { stream_name: "SHOP", config: { durable_name: "order-inbox", ack_policy: "explicit" } };
  const asks: [subject: string, body?: string][] = [
    ["$JS.API.STREAM.MSG.GET.SHOP", about],
    ["$JS.API.DIRECT.GET.SHOP", about],
    ["$JS.API.DIRECT.GET.SHOP.evt.order.>"],
    ["$JS.API.DIRECT.GET.SHOP.evt.order.0.OrderPaid"],
    ["$JS.API.CONSUMER.LIST.SHOP"],
    ["$JS.API.CONSUMER.NAMES.SHOP"],
    ["$JS.API.CONSUMER.INFO.SHOP.order-inbox"],
    ["$JS.API.CONSUMER.MSG.NEXT.SHOP.order-inbox", '{"batch":1}'],
    ["$JS.API.CONSUMER.DELETE.SHOP.order-inbox"],
    ["$JS.API.CONSUMER.DURABLE.CREATE.SHOP.order-inbox", JSON.stringify(filtered)],
    ["$JS.API.CONSUMER.CREATE.SHOP.order-inbox", JSON.stringify(filtered)],
    ["$JS.API.CONSUMER.CREATE.SHOP", JSON.stringify(filtered)],
    ["$JS.API.CONSUMER.PAUSE.SHOP.order-inbox"],
    ["$JS.API.STREAM.UPDATE.SHOP"],
    ["$JS.API.STREAM.DELETE.SHOP"],
    ["$JS.API.STREAM.MSG.DELETE.SHOP", '{"seq":1}'],
    ["$JS.ACK.SHOP.order-inbox.1.1.1.1.0"],
  ];
  for (const [subject, body] of asks) {
    expect(await refusal(search, () => search.publish(subject, body))).toBe(subject);
  }
  const { consumers } = await (await asAdmin()).jetstreamManager();
  expect((await consumers.info("SHOP", "order-inbox")).name).toBe("order-inbox");
});

test("a stream and a consumer of an earlier release go on in the stream's own account, where they were", async () => {
  await using data = await makeFolder();
  const admin = { name: "admin", password: "of this test" };
  const provisioner = { name: "provisioner", password: "of this test, too" };
  const order = { name: "order", password: "of order", calls: [] };
  const manage = async (nats: { port: number }) => {
    const servers = `127.0.0.1:${nats.port}`;
    const connection = await connect({ servers, user: admin.name, pass: admin.password });
    return { connection, manager: await connection.jetstreamManager() };
  };
  const nats = await startNats({ folder: data.path, admin });
  const before = await manage(nats);
  await before.manager.streams.add({ name: "SHOP", subjects: ["evt.>"], max_age: 3600e9 });
  const durable = { durable_name: "order-inbox", ack_policy: AckPolicy.Explicit, filter_subject: "evt.>" };
  await before.manager.consumers.add("SHOP", durable);
  const js = before.connection.jetstream();
  for (const text of ["first", "second"]) await js.publish("evt.order.0.OrderPaid", text);
  const first = await (await js.consumers.get("SHOP", "order-inbox")).next();
  expect(await first?.ackAck()).toBe(true);
  await before.connection.close();
  await nats.stop();

  const again = await startNats({ folder: data.path, admin, provisioner, users: [order], port: nats.port });
  const provisioning = await startNatsProvisioner(again.urlFor(provisioner));
  const { connection, manager } = await manage(again);
  const asOrder = await connect({
    servers: `127.0.0.1:${again.port}`,
    user: "order",
    pass: "of order",
    inboxPrefix: "_INBOX.order",
  });
  try {
    const { config, state } = await manager.streams.info("SHOP");
    expect(config).toMatchObject({ allow_direct: true, max_age: 3600e9, subjects: ["evt.>"] });
    expect(state.messages).toBe(2);
    const got: string[] = [];
    asOrder.subscribe("deliver.order.inbox", {
      queue: "order",
      callback: (_error, message) => void got.push(message.string()),
    });
    expect(await ask(asOrder, "provision.order.inbox", inbox)).toMatchObject({ ok: true });
    await eventually(() => got.length > 0);
    expect(got).toEqual(["second"]);
    expect(await provisioning.backlog()).toEqual({ lastSeq: 2, waiting: { "order-inbox": 1 } });
  } finally {
    await asOrder.close();
    await connection.close();
    await provisioning.stop();
    await again.stop();
  }
});
