import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { setFlagsFromString } from "node:v8";
import { runInNewContext } from "node:vm";
import { eventually } from "@shop/testkit";
import { afterEach, describe, expect, test } from "vitest";
import { WebSocket, WebSocketServer } from "ws";
import { serveGraphqlSockets, type SocketLimits } from "../src/graphql/graphql-sockets.ts";

/** A server whose subscription gives what the test pushes; preparing an operation waits for the test where it says so. */
async function serve(limits: Partial<SocketLimits> = {}) {
  const running = new Set<{ push(text: string): void }>();
  const preparing: (() => void)[] = [];
  let isHeld = false;
  const http: Server = createServer();
  const sockets = new WebSocketServer({ server: http });
  let writes = 0;
  sockets.on("connection", (_socket, { socket }) => {
    const write = socket._writev?.bind(socket);
    socket._writev = (chunks, done) => {
      writes++;
      write?.(chunks, done);
    };
  });
  sockets.on(
    "connection",
    serveGraphqlSockets(
      {
        async onSubscribe() {
          if (isHeld) await new Promise<void>((resolve) => preparing.push(resolve));
          return { schema: {} as never, document: subscription as never, contextValue: {} };
        },
        subscribe: () => endless(running),
      },
      { maxWaitingBytes: 2 ** 20, maxWaitingBytesInAll: 2 ** 20, patienceMs: 500, pingMs: 200, ...limits },
    ),
  );
  await new Promise<void>((resolve) => http.listen(0, "127.0.0.1", resolve));
  const { port } = http.address() as AddressInfo;
  servers.push(http);
  return {
    running,
    preparing,
    /** How often something was written to a client's connection. */
    writes: () => writes,
    hold: (held: boolean) => (isHeld = held),
    connect: (options = {}) => connect(`ws://127.0.0.1:${port}`, options),
  };
}

const servers: Server[] = [];
const clients: WebSocket[] = [];
afterEach(async () => {
  for (const client of clients.splice(0)) client.terminate();
  for (const server of servers.splice(0)) await new Promise((resolve) => server.close(resolve));
});

const subscription = {
  kind: "Document",
  definitions: [{ kind: "OperationDefinition", operation: "subscription", selectionSet: { selections: [] } }],
};

function endless(running: Set<{ push(text: string): void }>) {
  const texts: string[] = [];
  const state = { isOver: false, wake: () => {} };
  const mine = {
    push(text: string) {
      texts.push(text);
      state.wake();
    },
  };
  running.add(mine);
  return {
    async next() {
      while (texts.length === 0 && !state.isOver)
        await new Promise<void>((resolve) => (state.wake = resolve));
      const text = texts.shift();
      return state.isOver || text === undefined
        ? { value: undefined, done: true as const }
        : { value: { data: { text } }, done: false as const };
    },
    async return() {
      state.isOver = true;
      running.delete(mine);
      state.wake();
      return { value: undefined, done: true as const };
    },
    [Symbol.asyncIterator]() {
      return this;
    },
  };
}

async function connect(url: string, options: { isSilent?: boolean; autoPong?: boolean; params?: object }) {
  const socket = new WebSocket(url, "graphql-transport-ws", { autoPong: options.autoPong ?? true });
  clients.push(socket);
  const seen: { type: string; id?: string }[] = [];
  const closed: { code: number; reason: string }[] = [];
  socket.on("message", (data) => seen.push(JSON.parse((data as Buffer).toString()) as { type: string }));
  socket.on("close", (code, reason) => closed.push({ code, reason: String(reason) }));
  await new Promise((resolve) => socket.once("open", resolve));
  const send = (message: object) => socket.send(JSON.stringify(message));
  if (!options.isSilent) {
    send({ type: "connection_init", payload: options.params });
    await eventually(() => seen.length === 1);
  }
  return {
    socket,
    seen,
    closed,
    subscribe: (id: string) => send({ type: "subscribe", id, payload: { query: "subscription { a }" } }),
    complete: (id: string) => send({ type: "complete", id }),
  };
}

describe("an id that is used again before its first operation has begun", () => {
  test("leaves one subscription, and none once that is completed", async () => {
    const server = await serve();
    const client = await server.connect();
    server.hold(true);
    client.subscribe("1");
    client.complete("1");
    client.subscribe("1");
    await eventually(() => server.preparing.length === 1);
    server.hold(false);
    for (const go of server.preparing.splice(0)) go();
    await eventually(() => server.running.size === 1);
    client.complete("1");
    await eventually(() => server.running.size === 0);
  });

  test("may be used and completed 300 times at once, and then another", async () => {
    const server = await serve();
    for (const id of ["1", "2", "3"]) {
      const client = await server.connect();
      const warnings: Error[] = [];
      const note = (warning: Error) => void warnings.push(warning);
      process.on("warning", note);
      for (let times = 0; times < 300; times++) {
        client.subscribe(id);
        client.complete(id);
      }
      client.subscribe("z");
      client.subscribe(id);
      await eventually(() => server.running.size === 2);
      expect(client.closed).toEqual([]);
      client.socket.terminate();
      await eventually(() => server.running.size === 0);
      process.off("warning", note);
      expect(warnings).toEqual([]);
    }
  });

  test("without having been completed is refused with its code, however long the id", async () => {
    const server = await serve();
    const client = await server.connect();
    for (const _ of [1, 2]) client.subscribe("ä".repeat(200));
    await eventually(() => client.closed.length === 1);
    expect(client.closed[0]).toMatchObject({
      code: 4409,
      reason: expect.stringContaining("Subscriber for") as string,
    });
  });

  test("leaves none when the socket ends, however often it was used", async () => {
    const server = await serve();
    const client = await server.connect();
    for (let times = 0; times < 20; times++) {
      client.subscribe("1");
      if (times < 19) client.complete("1");
    }
    await eventually(() => server.running.size === 1);
    client.socket.terminate();
    await eventually(() => server.running.size === 0);
  });
});

test("an event's messages to all of a socket's subscriptions leave in one write", async () => {
  const server = await serve();
  const client = await server.connect();
  for (let id = 0; id < 50; id++) client.subscribe(`${id}`);
  await eventually(() => server.running.size === 50);
  const before = server.writes();
  for (const one of server.running) one.push("an event");
  await eventually(() => client.seen.filter(({ type }) => type === "next").length === 50);
  expect(server.writes() - before).toBeLessThan(5);
});

describe("a client", () => {
  test("that doesn't answer pings is cut off, one that does stays", async () => {
    const server = await serve();
    const [dead, alive] = [await server.connect({ autoPong: false }), await server.connect()];
    await eventually(() => dead.closed.length === 1);
    expect(alive.closed).toEqual([]);
  });

  test("that never says connection_init is closed with a reason", async () => {
    const server = await serve();
    const [silent, chatty] = [
      await server.connect({ isSilent: true }),
      await server.connect({ isSilent: true }),
    ];
    chatty.socket.send(JSON.stringify({ type: "ping" }));
    await eventually(() => silent.closed.length === 1 && chatty.closed.length === 1);
    expect(silent.closed[0]).toMatchObject({ code: 4408 });
    expect(chatty.closed[0]).toMatchObject({ code: 4408 });
  });

  test("that reads nothing is cut off, and holds up no more than it may", async () => {
    const server = await serve({ maxWaitingBytes: 100_000 });
    const slow = await server.connect();
    for (const id of ["1", "2", "3", "4"]) slow.subscribe(id);
    await eventually(() => server.running.size === 4);
    slow.socket.pause();
    for (let times = 0; times < 30; times++)
      for (const one of server.running) one.push("x".repeat(1_000_000));
    await eventually(() => server.running.size === 0);
  });
});

describe("what a client sends", () => {
  const heapAfterCollecting = () => {
    setFlagsFromString("--expose-gc");
    (runInNewContext("gc") as () => void)();
    return process.memoryUsage().heapUsed;
  };
  const padded = (id: string) => {
    const many = Array(40_000).fill("[]").join();
    const payload = `{"query":"#${"x".repeat(50_000)}","extensions":{"many":[${many}]},"other":[${many}]}`;
    return `{"type":"subscribe","id":"${id}",${" ".repeat(50_000)}"payload":${payload}}`;
  };

  test("is not kept while its operation runs, nor what it connected with while its socket is open", async () => {
    const { connect, running } = await serve();
    const before = heapAfterCollecting();
    for (let at = 0; at < 5; at++) {
      const { socket } = await connect({ params: { many: Array.from({ length: 40_000 }, () => []) } });
      for (const id of ["1", "2"]) socket.send(padded(id));
    }
    await eventually(() => running.size === 10);
    // Ten operations of 3 MB each, if they were kept, and five connections of 1.5 MB.
    expect((heapAfterCollecting() - before) / 2 ** 20).toBeLessThan(4);
  });
});
