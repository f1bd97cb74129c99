import { createClient, type Client } from "graphql-ws";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { WebSocket } from "ws";
import { startFailingSubgraph } from "./shop/failing-subgraph.ts";
import { openShop, type TestShop } from "./shop/shop.ts";

let subgraph: Awaited<ReturnType<typeof startFailingSubgraph>>;
let shop: TestShop;
let client: Client;
beforeAll(async () => {
  subgraph = await startFailingSubgraph();
  shop = await openShop({}, [subgraph]);
  const url = shop.gateway.url.replace("http", "ws") + "/graphql";
  client = createClient({ url, webSocketImpl: WebSocket, retryAttempts: 0 });
});
afterAll(async () => {
  await client.dispose();
  await shop[Symbol.asyncDispose]();
  await subgraph.stop();
});

interface Line {
  requestId?: string;
  sentAs?: string;
  service?: string;
  cause?: string;
  err?: { message: string };
}

/** The lines of a log that have this cause. */
const linesWith = (logs: string[], cause: string): Line[] =>
  logs.filter((line) => line.includes(cause)).map((line) => JSON.parse(line) as Line);

const fail = (reason: string, requestId?: string) =>
  shop.ask("query ($reason: String!) { failing(reason: $reason) }", {
    variables: { reason },
    headers: requestId === undefined ? {} : { "x-request-id": requestId },
  });

/** The first result of a subscription, or its error. */
const firstOf = (query: string, requestId: string) =>
  new Promise((resolve) => {
    const stop = client.subscribe(
      { query, extensions: { requestId } },
      {
        next: (event) => {
          stop();
          resolve(event.errors);
        },
        error: resolve,
        complete: () => undefined,
      },
    );
  });

describe("the id of a client's request", () => {
  test("is in the answer and in both logs, beside the cause that the client doesn't get", async () => {
    const answer = await fail("the table is gone", "checkout-7");
    expect(answer.headers.get("x-request-id")).toBe("checkout-7");
    expect(answer.errors).toMatchObject([
      { path: ["failing"], extensions: { code: "INTERNAL_SERVER_ERROR", requestId: "checkout-7" } },
    ]);
    expect(Object.keys(answer.errors?.[0]?.extensions ?? {}).toSorted()).toEqual(["code", "requestId"]);
    expect(JSON.stringify(answer)).not.toContain("the table is gone");
    expect(linesWith(subgraph.logs, "the table is gone")).toMatchObject([
      { requestId: "checkout-7", err: { message: "the table is gone" } },
    ]);
    expect(linesWith(shop.logs, "the table is gone")).toMatchObject([
      { requestId: "checkout-7", service: "shipping", cause: "the table is gone" },
    ]);
  });

  test("is a fresh one where the client sends none, or one that could forge a line", async () => {
    for (const given of [undefined, "two words", "a".repeat(65)]) {
      const id = (await fail(`given ${given}`, given)).headers.get("x-request-id");
      expect(id).toMatch(/^[\da-f]{8}-[\da-f-]{27}$/);
      expect(linesWith(subgraph.logs, `given ${given}`).map(({ requestId }) => requestId)).toEqual([id]);
    }
  });

  test("stays each request's own in a batch", async () => {
    const ids = ["batch-1", "batch-2", "batch-3"];
    await Promise.all(ids.map((id) => fail(`cause of ${id}`, id)));
    for (const id of ids) {
      expect(linesWith(subgraph.logs, `cause of ${id}`)).toMatchObject([{ requestId: id }]);
      expect(linesWith(shop.logs, `cause of ${id}`)).toMatchObject([{ requestId: id }]);
    }
  });

  test("leads from each client of a shared read to the one line in the subgraph's log", async () => {
    const ids = ["shared-1", "shared-2"];
    const answers = await Promise.all(ids.map((id) => fail("shared cause", id)));
    expect(answers.map(({ errors }) => errors?.[0]?.extensions["requestId"])).toEqual(ids);
    const sentAs = [...new Set(linesWith(subgraph.logs, "shared cause").map(({ requestId }) => requestId))];
    for (const line of linesWith(shop.logs, "shared cause")) expect(sentAs).toContain(line.sentAs);
    expect(linesWith(shop.logs, "shared cause").map(({ requestId }) => requestId)).toEqual(
      expect.arrayContaining(ids),
    );
  });

  test("stands in the log where a subscription's event fails, and where its stream does", async () => {
    const masked = (requestId: string) => [{ extensions: { code: "INTERNAL_SERVER_ERROR", requestId } }];
    expect(await firstOf("subscription { failingEvents { reason } }", "live-1")).toMatchObject(
      masked("live-1"),
    );
    expect(await firstOf("subscription { failingStream { reason } }", "live-2")).toMatchObject(
      masked("live-2"),
    );
    for (const [cause, requestId] of [
      ["the event's cause", "live-1"],
      ["the stream's cause", "live-2"],
    ] as const) {
      expect(linesWith(subgraph.logs, cause)[0]).toMatchObject({ requestId });
      expect(linesWith(shop.logs, cause)[0]).toMatchObject({ requestId, cause });
    }
  });

  test("stands in the line of a subgraph that doesn't answer", async () => {
    const other = await startFailingSubgraph();
    await using away = await openShop({}, [other]);
    await other.stop();
    const headers = { "x-request-id": "away-1" };
    const { errors } = await away.ask(`{ failing(reason: "") }`, { headers });
    expect(errors).toMatchObject([{ extensions: { code: "SERVICE_UNAVAILABLE" } }]);
    expect(linesWith(away.logs, "a subgraph did not answer")).toMatchObject([
      { requestId: "away-1", service: "shipping" },
    ]);
  });
});
