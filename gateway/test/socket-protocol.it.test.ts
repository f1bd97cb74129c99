import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import { WebSocket } from "ws";
import { openShop, type TestShop } from "./shop/shop.ts";

let shop: TestShop;
const sockets: WebSocket[] = [];
beforeEach(async () => {
  shop = await openShop();
});
afterEach(async () => {
  for (const socket of sockets.splice(0)) socket.terminate();
  await shop[Symbol.asyncDispose]();
});

const wsUrl = () => `${shop.gateway.url.replace("http", "ws")}/graphql`;

async function socketOf(protocol: string) {
  const socket = new WebSocket(wsUrl(), protocol);
  sockets.push(socket);
  const state: { closed?: { code: number; reason: string } } = {};
  socket.on("close", (code, reason) => (state.closed = { code, reason: String(reason) }));
  await new Promise((resolve) => socket.once("open", resolve));
  return { socket, state };
}

/** A socket after its connection_init, and the messages that come. */
async function begin(payload: object = {}) {
  const { socket, state } = await socketOf("graphql-transport-ws");
  const seen: { type: string; id?: string; payload?: unknown }[] = [];
  socket.on("message", (data) => seen.push(JSON.parse((data as Buffer).toString()) as { type: string }));
  const send = (message: object) => socket.send(JSON.stringify(message));
  send({ type: "connection_init", payload });
  await vi.waitFor(() => expect(seen).toHaveLength(1));
  return { seen, send, state };
}

describe("a client that speaks the protocol wrongly", () => {
  test.each(["next", "error", "connection_ack"])("is closed with 4400 for a message %s", async (type) => {
    const { socket, state } = await socketOf("graphql-transport-ws");
    socket.send(JSON.stringify({ type: "connection_init" }));
    await new Promise((resolve) => socket.once("message", resolve));
    const payloads = { next: { data: null }, error: [{ message: "no" }], connection_ack: {} };
    socket.send(JSON.stringify({ id: "1", type, payload: payloads[type as keyof typeof payloads] }));
    await vi.waitFor(() => expect(state.closed).toBeDefined());
    expect(state.closed).toEqual({ code: 4400, reason: `Only a server sends messages of type ${type}` });
  });

  test.each([["graphql-ws"], ["soap"], [undefined]])(
    "offering the subprotocol %s gets the served subprotocol in the close reason",
    async (protocol) => {
      const socket = protocol ? new WebSocket(wsUrl(), protocol) : new WebSocket(wsUrl());
      sockets.push(socket);
      const seen: string[] = [];
      socket.on("message", (data) => seen.push((data as Buffer).toString()));
      const closed = await new Promise<[number, string]>((resolve) =>
        socket.once("close", (code, reason) => resolve([code, String(reason)])),
      );
      expect(closed).toEqual([
        4406,
        expect.stringContaining(`Expected the subprotocol "graphql-transport-ws"`),
      ]);
      // A client of the old protocol reads no reason of a close.
      expect(seen.map((text) => (JSON.parse(text) as { type: string }).type)).toEqual(
        protocol === "graphql-ws" ? ["connection_error"] : [],
      );
      await vi.waitFor(() => expect(shop.gateway.sockets()).toBe(0));
    },
  );

  test("that names its token otherwise is refused with the right name, and is no guest", async () => {
    const { socket, state } = await socketOf("graphql-transport-ws");
    socket.send(JSON.stringify({ type: "connection_init", payload: { authToken: await shop.token() } }));
    await vi.waitFor(() => expect(state.closed?.code).toBe(4401));
    expect(state.closed?.reason).toContain('"accessToken", not by "authToken"');
  });

  test("may sign in by the accessToken of logIn, as it is", async () => {
    const { seen, send } = await begin({ accessToken: await shop.token({ userId: "usr_9" }) });
    send({ type: "subscribe", id: "1", payload: { query: "{ whoAsks { userId } }" } });
    await vi.waitFor(() =>
      expect(seen[1]?.payload).toMatchObject({ data: { whoAsks: { userId: "usr_9" } } }),
    );
  });

  test("may offer the old subprotocol beside the one that is served", async () => {
    const socket = new WebSocket(wsUrl(), ["graphql-ws", "graphql-transport-ws"]);
    sockets.push(socket);
    await new Promise((resolve) => socket.once("open", resolve));
    expect(socket.protocol).toBe("graphql-transport-ws");
  });
});

test("a refused subscription gets an error message, from the gateway and from a subgraph", async () => {
  const { seen, send } = await begin();
  const refused: [string, string][] = [
    [`subscription { orderUpdated(orderId: "another's") { cursor } }`, "NOT_FOUND"],
    ["subscription { orderUpdated { cursor } }", "GRAPHQL_VALIDATION_FAILED"],
    ["subscription { orderUpdated(orderId: 1e400) { cursor } }", "GRAPHQL_VALIDATION_FAILED"],
    [`subscription ($id: ID = 1) { orderUpdated(orderId: $id) { cursor } }`, "BAD_USER_INPUT"],
  ];
  for (const [id, [query]] of refused.entries())
    send({ type: "subscribe", id: String(id), payload: { query, variables: { id: null } } });
  await vi.waitFor(() => expect(seen).toHaveLength(1 + refused.length));
  const answers = seen.slice(1).toSorted((a, b) => Number(a.id) - Number(b.id));
  expect(answers).toMatchObject(
    refused.map(([, code], id) => ({
      type: "error",
      id: String(id),
      payload: [{ extensions: { code } }],
    })),
  );
});
