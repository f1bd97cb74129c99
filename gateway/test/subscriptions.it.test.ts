import { createClient, type Client, type FormattedExecutionResult } from "graphql-ws";
import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import { WebSocket } from "ws";
import { openShop, type TestShop } from "./shop/shop.ts";

let shop: TestShop;
let clients: Client[] = [];
beforeEach(async () => {
  shop = await openShop();
});
afterEach(async () => {
  for (const client of clients) await client.dispose();
  clients = [];
  await shop[Symbol.asyncDispose]();
});

function open(
  connectionParams: Record<string, unknown> = {},
  on: Parameters<typeof createClient>[0]["on"] = {},
): Client {
  const url = shop.gateway.url.replace("http", "ws") + "/graphql";
  const client = createClient({ url, webSocketImpl: WebSocket, connectionParams, retryAttempts: 0, on });
  clients.push(client);
  return client;
}

/** Collects the events of a subscription. */
function watch(client: Client, query: string, variables: Record<string, unknown> = {}) {
  const seen: {
    events: FormattedExecutionResult<Record<string, unknown>, unknown>[];
    error?: unknown;
    isOver: boolean;
    stop(): void;
  } = {
    events: [],
    isOver: false,
    stop: client.subscribe(
      { query, variables },
      {
        next: (event) => void seen.events.push(event),
        error: (error) => void Object.assign(seen, { error, isOver: true }),
        complete: () => void Object.assign(seen, { isOver: true }),
      },
    ),
  };
  return seen;
}

const reasonOf = (closed: ReturnType<typeof vi.fn>) => {
  const event: unknown = closed.mock.calls[0]?.[0];
  return (event as { reason: string }).reason;
};

const push = (...cursors: number[]) => {
  for (const cursor of cursors) shop.updates.push({ cursor: String(cursor), status: `S${cursor}` });
};

describe("a subscription", () => {
  test("brings each event with fields from other subgraphs, under the client's own names", async () => {
    const query = `
      subscription ($id: ID!, $short: Boolean!) {
        news: orderUpdated(orderId: $id) { at: cursor ...Rest }
      }
      fragment Rest on OrderUpdate {
        order { id state: status product { id name: title @skip(if: $short) } ... on Order { missing { id title } } }
      }`;
    const full = watch(open(), query, { id: "ord_1", short: false });
    const short = watch(open(), query, { id: "ord_1", short: true });
    push(1);
    await vi.waitFor(() => expect([full.events.length, short.events.length]).toEqual([1, 1]));
    expect(full.events[0]).toEqual({
      data: {
        news: {
          at: "1",
          order: { id: "ord_1", state: "S1", product: { id: "prd_1", name: "Teapot" }, missing: null },
        },
      },
    });
    expect(short.events[0]).toMatchObject({ data: { news: { order: { product: { id: "prd_1" } } } } });
    expect(JSON.stringify(short.events[0])).not.toContain("Teapot");
    const mean = watch(
      open(),
      `subscription ($resumeAfter: ID!) { resumeCursor: orderUpdated(orderId: $resumeAfter) {
        order: cursor resumeCursor: __typename cursor: order { product { id: title title: id price } } } }`,
      { resumeAfter: "ord_1" },
    );
    await vi.waitFor(() => expect(mean.events).toHaveLength(1));
    const product = { id: "Teapot", title: "prd_1", price: "in undefined" };
    expect(mean.events[0]).toEqual({
      data: { resumeCursor: { order: "1", resumeCursor: "OrderUpdate", cursor: { product } } },
    });
  });

  test("goes on with a gap while another subgraph is away", async () => {
    await shop.catalog.stop();
    const seen = watch(
      open(),
      `subscription { orderUpdated(orderId: "ord_1") { cursor order { product { title } } } }`,
    );
    push(1, 2);
    await vi.waitFor(() => expect(seen.events.length).toBe(2));
    expect(seen.events[0]?.data).toEqual({ orderUpdated: { cursor: "1", order: { product: null } } });
    expect(seen.events[0]?.errors?.[0]?.extensions?.["code"]).toBe("SERVICE_UNAVAILABLE");
  });

  test("is refused with the owning subgraph's own code", async () => {
    const seen = watch(open(), `subscription { orderUpdated(orderId: "another's") { cursor } }`);
    await vi.waitFor(() => expect(seen.isOver).toBe(true));
    expect(seen.events).toEqual([]);
    expect(seen.error).toMatchObject([{ message: "No such order.", extensions: { code: "NOT_FOUND" } }]);
  });

  test("ends at its subgraph when the client ends it, and when the client disappears", async () => {
    const query = `subscription { orderUpdated(orderId: "ord_1") { cursor } }`;
    const client = open();
    const [first, second] = [watch(client, query), watch(client, query)];
    push(1);
    await vi.waitFor(() => expect([first.events.length, second.events.length]).toEqual([1, 1]));
    expect(shop.updates.readers).toBe(2);
    first.stop();
    await vi.waitFor(() => expect(shop.updates.readers).toBe(1));
    client.terminate();
    await vi.waitFor(() => expect(shop.updates.readers).toBe(0));
  });

  test("shares one socket to its subgraph with all others", async () => {
    const all = [1, 2, 3].map(() =>
      watch(open(), `subscription { orderUpdated(orderId: "ord_1") { cursor } }`),
    );
    push(1);
    await vi.waitFor(() => expect(all.every(({ events }) => events.length === 1)).toBe(true));
    expect(shop.order.openSockets()).toBe(1);
  });

  test("over plain HTTP is refused with 400", async () => {
    const { status, errors } = await shop.ask(`subscription { orderUpdated(orderId: "ord_1") { cursor } }`);
    expect(status).toBe(400);
    expect(errors?.[0]?.message).toContain("WebSocket");
  });
});

describe("when the owning subgraph breaks off", () => {
  const withCursor = `subscription ($after: String) { orderUpdated(orderId: "ord_1", after: $after) { order { status } } }`;
  const statuses = (seen: ReturnType<typeof watch>) =>
    seen.events.map(
      ({ data }) => (data as { orderUpdated: { order: { status: string } } }).orderUpdated.order.status,
    );

  test("the client gets what it missed, once and in order, without noticing", async () => {
    const fresh = watch(open(), withCursor);
    push(1, 2, 3);
    const resumed = watch(open(), withCursor, { after: "1" });
    await vi.waitFor(() => expect([fresh.events.length, resumed.events.length]).toEqual([3, 2]));
    shop.order.dropSockets();
    push(4);
    await shop.restartOrder();
    push(5);
    await vi.waitFor(() => expect(fresh.events.length).toBe(5), { timeout: 60_000 });
    await vi.waitFor(() => expect(resumed.events.length).toBe(4), { timeout: 60_000 });
    expect(statuses(fresh)).toEqual(["S1", "S2", "S3", "S4", "S5"]);
    expect(statuses(resumed)).toEqual(["S2", "S3", "S4", "S5"]);
    expect(fresh.events[4]?.data).toEqual({ orderUpdated: { order: { status: "S5" } } });
  });

  test("a stream that can't know where it stood says so", async () => {
    const seen = watch(open(), `subscription { myOrdersUpdated { cursor } }`);
    await vi.waitFor(() => expect(shop.updates.readers).toBe(1));
    shop.order.dropSockets();
    await vi.waitFor(() => expect(seen.isOver).toBe(true));
    expect(seen.error).toMatchObject([{ extensions: { code: "SUBSCRIPTION_INTERRUPTED" } }]);
  });
});

describe("a socket", () => {
  test("carries queries and mutations under the same rules as HTTP", async () => {
    const authorization = `Bearer ${await shop.token({ userId: "usr_9" })}`;
    const client = open({ headers: { authorization } });
    const who = watch(client, "{ whoAsks { userId } }");
    const cancel = watch(client, `mutation { cancel(orderId: "ord_1") { status } }`);
    const deep = watch(
      client,
      `{ product(id: "prd_1") ${"{ related ".repeat(13)} { id } ${"}".repeat(13)} }`,
    );
    const fault = watch(client, "{ broken }");
    await vi.waitFor(() => expect([who, cancel, deep, fault].every(({ isOver }) => isOver)).toBe(true));
    expect(who.events).toEqual([{ data: { whoAsks: { userId: "usr_9" } } }]);
    expect(cancel.events).toEqual([{ data: { cancel: { status: "CANCELLED" } } }]);
    expect(deep.error).toMatchObject([{ extensions: { code: "GRAPHQL_VALIDATION_FAILED" } }]);
    expect(fault.events[0]?.errors?.[0]?.extensions?.["code"]).toBe("INTERNAL_SERVER_ERROR");
  });

  test.each([
    { Authorization: "Bearer a.b.c" },
    { authorization: 5 },
    { headers: { authorization: ["Bearer a.b.c"] } },
  ])("with a token that isn't valid is closed with the reason: %j", async (params) => {
    const closed = vi.fn();
    watch(open(params, { closed }), "{ methods }");
    await vi.waitFor(() => expect(closed).toHaveBeenCalled());
    expect(closed).toHaveBeenCalledWith(expect.objectContaining({ code: 4403 }));
    expect(reasonOf(closed)).toContain("not valid");
  });

  test("that sends too large a message is closed with the code for it, and no fault is logged", async () => {
    const printed = vi.spyOn(console, "error");
    const socket = new WebSocket(shop.gateway.url.replace("http", "ws") + "/graphql", "graphql-transport-ws");
    const closed = new Promise((resolve) => socket.once("close", resolve));
    socket.once("open", () => socket.send("x".repeat(300_000)));
    expect(await closed).toBe(1009);
    expect(printed).not.toHaveBeenCalled();
    printed.mockRestore();
  });

  test("is closed when its token expires", async () => {
    const closed = vi.fn();
    const authorization = `Bearer ${await shop.token({ expiresInS: 2 })}`;
    watch(open({ authorization }, { closed }), `subscription { orderUpdated(orderId: "ord_1") { cursor } }`);
    await vi.waitFor(() => expect(closed).toHaveBeenCalled(), { timeout: 60_000 });
    expect(closed).toHaveBeenCalledWith(expect.objectContaining({ code: 4403 }));
    expect(reasonOf(closed)).toContain("expired");
  });

  test("is sent away with 'service restart' when the gateway stops", async () => {
    const closed = vi.fn();
    const seen = watch(open({}, { closed }), `subscription { orderUpdated(orderId: "ord_1") { cursor } }`);
    push(1);
    await vi.waitFor(() => expect(seen.events.length).toBe(1));
    await shop.gateway.stop();
    await vi.waitFor(() => expect(closed).toHaveBeenCalled());
    expect(closed.mock.calls[0]?.[0]).toMatchObject({ code: 1012 });
  });
});
