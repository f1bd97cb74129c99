import { connect as connectTcp } from "node:net";
import { createClient, type Client } from "graphql-ws";
import { afterEach, describe, expect, test, vi } from "vitest";
import { WebSocket } from "ws";
import type { GatewayConfig } from "../src/config.ts";
import { openShop, type TestShop } from "./shop/shop.ts";

let shop: TestShop;
const clients: Client[] = [];
const sockets: WebSocket[] = [];
afterEach(async () => {
  for (const client of clients.splice(0)) await client.dispose();
  for (const socket of sockets.splice(0)) socket.terminate();
  await shop[Symbol.asyncDispose]();
});

async function open(settings: Partial<GatewayConfig> = {}): Promise<void> {
  shop = await openShop(settings);
}

const wsUrl = () => `${shop.gateway.url.replace("http", "ws")}/graphql`;

/** A socket, opened or refused. */
async function socketFrom(address?: string) {
  const headers = address ? { "x-forwarded-for": address } : {};
  const socket = new WebSocket(wsUrl(), "graphql-transport-ws", { headers });
  sockets.push(socket);
  const state: { closed?: { code: number; reason: string }; status?: number | undefined } = {};
  socket.on("close", (code, reason) => (state.closed = { code, reason: String(reason) }));
  socket.on("unexpected-response", (_request, { statusCode }) => {
    state.status = statusCode;
    socket.terminate();
  });
  socket.on("error", () => undefined);
  await vi.waitFor(() => expect(socket.readyState).not.toBe(WebSocket.CONNECTING));
  // A refused socket is closed right after it opened.
  await new Promise((resolve) => setTimeout(resolve, 50));
  return { socket, state, isOpen: () => socket.readyState === WebSocket.OPEN };
}

function clientOf(connectionParams: Record<string, unknown> = {}, address?: string): Client {
  const headers = address ? { "x-forwarded-for": address } : {};
  class FromAddress extends WebSocket {
    constructor(url: string, protocol: string) {
      super(url, protocol, { headers });
    }
  }
  const client = createClient({
    url: wsUrl(),
    webSocketImpl: FromAddress,
    connectionParams,
    retryAttempts: 0,
  });
  clients.push(client);
  return client;
}

const mine = `subscription { orderUpdated(orderId: "ord_1") { cursor } }`;

function watch(client: Client, query = mine, variables: Record<string, unknown> = {}) {
  const seen: { events: number; error?: unknown; stop(): void } = {
    events: 0,
    stop: client.subscribe(
      { query, variables },
      {
        next: () => void seen.events++,
        error: (error) => void Object.assign(seen, { error }),
        complete: () => undefined,
      },
    ),
  };
  return seen;
}

const codeOf = ({ error }: { error?: unknown }) =>
  (error as { message: string; extensions: { code: string } }[] | undefined)?.[0]?.extensions.code;

describe("an address", () => {
  test("has so many sockets; one more is closed with a reason, and others are served", async () => {
    await open({ MAX_SOCKETS_PER_ADDRESS: 3, TRUST_PROXY: 1 });
    const first = await Promise.all([1, 2, 3].map(() => socketFrom("1.2.3.4")));
    expect(first.every(({ isOpen }) => isOpen())).toBe(true);
    const { state } = await socketFrom("1.2.3.4");
    await vi.waitFor(() => expect(state.closed?.code).toBe(1013));
    expect(state.closed?.reason).toContain("RATE_LIMITED");
    expect((await socketFrom("1.2.3.5")).isOpen()).toBe(true);
  });

  test("with all the sockets that it may have leaves some for others", async () => {
    await open({ MAX_SOCKETS: 30, MAX_SOCKETS_PER_ADDRESS: 15, TRUST_PROXY: 1 });
    const strangers = await Promise.all(Array.from({ length: 30 }, (_, at) => socketFrom(`1.2.3.${at % 2}`)));
    await vi.waitFor(() => expect(strangers.filter(({ isOpen }) => isOpen()).length).toBe(20));
    expect(strangers.find(({ state }) => state.closed)?.state.closed?.code).toBe(1013);
    expect((await socketFrom("1.2.3.9")).isOpen()).toBe(true);
  });

  test("of IPv6 is a customer's /64", async () => {
    await open({ MAX_SOCKETS_PER_ADDRESS: 2, TRUST_PROXY: 1 });
    for (const host of ["::1", "2:3:4:5"]) {
      const [start, end] = ["2001:db8:1:2:", host.replace("::", "0:0:0:")];
      expect((await socketFrom(`${start}${end}`)).isOpen()).toBe(true);
    }
    expect((await socketFrom("2001:db8:1:2:ffff::9")).isOpen()).toBe(false);
    expect((await socketFrom("2001:db8:1:3::9")).isOpen()).toBe(true);
  });

  test("gets its places back from sockets that die without a word, and that never began", async () => {
    await open({ MAX_SOCKETS_PER_ADDRESS: 3 });
    const { port } = new URL(shop.gateway.url);
    const half = connectTcp(Number(port), "127.0.0.1");
    half.on("error", () => undefined);
    half.write(
      "GET /graphql HTTP/1.1\r\nhost: x\r\nconnection: Upgrade\r\nupgrade: websocket\r\nsec-websocket-version: 13\r\n" +
        "sec-websocket-key: dGhlIHNhbXBsZSBub25jZQ==\r\nsec-websocket-protocol: graphql-transport-ws\r\n\r\n",
    );
    await new Promise((resolve) => half.once("data", resolve));
    const [one, two] = [await socketFrom(), await socketFrom()];
    expect((await socketFrom()).isOpen()).toBe(false);
    half.destroy();
    await vi.waitFor(async () => expect((await socketFrom()).isOpen()).toBe(true));
    one.socket.terminate();
    two.socket.terminate();
    await vi.waitFor(async () => expect((await socketFrom()).isOpen()).toBe(true));
    // The others never send connection_init: closed after 3 s, and terminated where the client doesn't close.
    await vi.waitFor(async () => expect(shop.gateway.sockets()).toBe(0), { timeout: 10_000 });
  });

  test("with LIMITS=off has as many sockets and subscriptions as it likes", async () => {
    await open({ MAX_SOCKETS_PER_ADDRESS: 1, MAX_SUBSCRIPTIONS_PER_ADDRESS: 1, LIMITS: "off" });
    const seen = [watch(clientOf()), watch(clientOf()), watch(clientOf())];
    shop.updates.push({ cursor: "1", status: "S1" });
    await vi.waitFor(() => expect(seen.map(({ events }) => events)).toEqual([1, 1, 1]));
  });
});

describe("subscriptions", () => {
  test("beyond those of an address, a user or all are refused by themselves, and their socket stays", async () => {
    await open({
      MAX_SUBSCRIPTIONS: 7,
      MAX_SUBSCRIPTIONS_PER_ADDRESS: 4,
      MAX_SUBSCRIPTIONS_PER_USER: 2,
      TRUST_PROXY: 1,
    });
    const authorization = `Bearer ${await shop.token({ userId: "usr_1" })}`;
    const [user, guest] = [clientOf({ authorization }, "1.1.1.1"), clientOf({}, "1.1.1.1")];
    const ofUser = [watch(user), watch(user)];
    await vi.waitFor(() => expect(shop.updates.readers).toBe(2));
    const tooMany = watch(user);
    await vi.waitFor(() => expect(codeOf(tooMany)).toBe("RATE_LIMITED"));
    expect(JSON.stringify(tooMany.error)).toContain("this user");
    const ofGuest = [watch(guest), watch(guest)];
    await vi.waitFor(() => expect(shop.updates.readers).toBe(4));
    const next = watch(guest);
    await vi.waitFor(() => expect(JSON.stringify(next.error)).toContain("this address"));
    const others = ["2.2.2.2", "3.3.3.3", "4.4.4.4"].map((address) => watch(clientOf({}, address)));
    await vi.waitFor(() => expect(shop.updates.readers).toBe(7));
    const last = watch(clientOf({}, "5.5.5.5"));
    await vi.waitFor(() => expect(JSON.stringify(last.error)).toContain("all clients"));
    shop.updates.push({ cursor: "1", status: "S1" });
    await vi.waitFor(() =>
      expect([...ofUser, ...ofGuest, ...others].every(({ events }) => events === 1)).toBe(true),
    );
    ofUser[0]?.stop();
    await vi.waitFor(() => expect(shop.gateway.subscriptions()).toBe(6));
    const again = watch(clientOf({}, "5.5.5.5"));
    await vi.waitFor(() => expect(again.events).toBe(1));
  });

  test("with an id that is used again at once are one, and none when the socket ends", async () => {
    await open();
    const { socket } = await socketFrom();
    const send = (message: object) => socket.send(JSON.stringify(message));
    send({ type: "connection_init" });
    await new Promise((resolve) => socket.once("message", resolve));
    for (let times = 0; times < 30; times++) {
      send({ type: "subscribe", id: "1", payload: { query: mine } });
      send({ type: "complete", id: "1" });
    }
    send({ type: "subscribe", id: "1", payload: { query: mine } });
    shop.updates.push({ cursor: "1", status: "S1" });
    await new Promise((resolve) => socket.once("message", resolve));
    await vi.waitFor(() => expect([shop.gateway.subscriptions(), shop.updates.readers]).toEqual([1, 1]));
    socket.terminate();
    await vi.waitFor(() => expect([shop.gateway.subscriptions(), shop.updates.readers]).toEqual([0, 0]));
  });

  test("may be begun and completed back to back, with one id or many, and the next is served", async () => {
    await open();
    for (const isOneId of [true, false]) {
      const { socket, state } = await socketFrom();
      const seen: string[] = [];
      socket.on("message", (data) => seen.push((data as Buffer).toString()));
      const send = (message: object) => socket.send(JSON.stringify(message));
      send({ type: "connection_init" });
      await vi.waitFor(() => expect(seen.length).toBe(1));
      for (let times = 0; times < 300; times++) {
        const id = isOneId ? "a" : `a${times}`;
        send({ type: "subscribe", id, payload: { query: mine } });
        send({ type: "complete", id });
      }
      send({ type: "subscribe", id: "z", payload: { query: mine } });
      shop.updates.push({ cursor: "1", status: "S1" });
      await vi.waitFor(() => expect(seen.some((text) => text.includes('"id":"z"'))).toBe(true));
      await vi.waitFor(() => expect([shop.gateway.subscriptions(), shop.updates.readers]).toEqual([1, 1]));
      expect(state.closed).toBeUndefined();
      socket.terminate();
      await vi.waitFor(() => expect(shop.gateway.subscriptions()).toBe(0));
    }
  });

  test("of a few addresses with documents of their own shut no other address out", async () => {
    await open({ TRUST_PROXY: 1 });
    const filler = Array.from({ length: 20 }, () => "order { id status } ").join("");
    const own = (n: number) => `subscription S${n} { orderUpdated(orderId: "ord_1") { cursor ${filler} } }`;
    const strangers = Array.from({ length: 12 }, (_, at) => clientOf({}, `1.1.1.${at}`));
    const asked = Array.from({ length: 45 * 12 }, (_, n) => watch(strangers[n % 12] as Client, own(n)));
    shop.updates.push({ cursor: "1", status: "S1" });
    const isAnswered = (seen: (typeof asked)[number]) => seen.events === 1 || seen.error !== undefined;
    await vi.waitFor(() => expect(asked.every(isAnswered)).toBe(true), { timeout: 30_000 });
    const refused = asked.filter(({ error }) => error);
    expect(refused.length).toBeGreaterThan(400);
    expect(refused.every((seen) => codeOf(seen) === "RATE_LIMITED")).toBe(true);
    const honest = watch(clientOf({}, "2.2.2.2"), own(1_000));
    await vi.waitFor(() => expect(isAnswered(honest)).toBe(true));
    expect(honest).toMatchObject({ events: 1 });
    expect(honest.error).toBeUndefined();
  });

  test("share what their document takes, and may not take more with others of their own", async () => {
    await open({ MAX_SUBSCRIPTIONS_PER_ADDRESS: 1_000 });
    const client = clientOf();
    const filler = Array.from({ length: 100 }, () => "order { id status } ").join("");
    const own = (n: number) => `subscription S${n} { orderUpdated(orderId: "ord_1") { cursor ${filler} } }`;
    const [one, other] = [watch(client, own(1)), watch(clientOf(), own(1))];
    await vi.waitFor(() => expect(shop.updates.readers).toBe(2));
    const many = Array.from({ length: 90 }, (_, n) => watch(client, own(n + 2)));
    await vi.waitFor(() => expect(many.some((seen) => codeOf(seen) === "RATE_LIMITED")).toBe(true), {
      timeout: 20_000,
    });
    expect(JSON.stringify(many.findLast(({ error }) => error)?.error)).toContain("bytes");
    const large = watch(clientOf(), `subscription ($id: ID!) { orderUpdated(orderId: $id) { cursor } }`, {
      id: "x".repeat(200_000),
    });
    shop.updates.push({ cursor: "1", status: "S1" });
    await vi.waitFor(() => expect([one.events, other.events]).toEqual([1, 1]));
    await vi.waitFor(() => expect(large.events === 1 || large.error !== undefined).toBe(true));
  });
});
