import { randomBytes } from "node:crypto";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { getIntrospectionQuery } from "graphql";
import { afterAll, beforeAll, expect, test, vi } from "vitest";
import { heldReads } from "./shop/catalog.ts";
import { openShop, type TestShop } from "./shop/shop.ts";

let shop: TestShop;
beforeAll(async () => {
  shop = await openShop();
});
afterAll(() => shop[Symbol.asyncDispose]());

const get = (path: string, headers: Record<string, string> = {}) =>
  fetch(`${shop.gateway.url}${path}`, { headers });

test("the gateway says that it lives, and that all subgraphs serve", async () => {
  expect((await get("/healthz")).status).toBe(200);
  const ready = await get("/readyz");
  expect([ready.status, await ready.json()]).toEqual([200, { status: "ready" }]);
});

test("a service that lacks something is named with it, and not why, and the gateway still serves", async () => {
  await using other = await openShop();
  const { order, payment } = other;
  order.readiness = {
    status: "degraded",
    troubles: { relay: "connect ECONNREFUSED 10.0.0.7:4222", redis: "" },
  };
  payment.readiness = { status: "ready", troubles: {} };
  const answer = await fetch(`${other.gateway.url}/readyz`);
  expect([answer.status, await answer.json()]).toEqual([
    200,
    { status: "degraded", troubles: { order: ["relay", "redis"] } },
  ]);
});

test("Stripe's calls reach payment byte for byte, with their signature", async () => {
  const body = randomBytes(2_000);
  const headers = {
    "content-type": "application/json",
    "stripe-signature": "t=1,v1=abc",
    authorization: "Bearer x",
  };
  const answer = await fetch(`${shop.gateway.url}/webhooks/stripe`, {
    method: "POST",
    headers,
    body: new Uint8Array(body),
  });
  expect([answer.status, await answer.text()]).toEqual([200, "fine"]);
  const call = shop.payment.calls.find(({ path }) => path === "/webhooks/stripe");
  expect(call?.body.equals(body)).toBe(true);
  expect(call?.headers["stripe-signature"]).toBe("t=1,v1=abc");
  expect(call?.headers.authorization).toBeUndefined();
});

test("a webhook gets 503 while payment is away, and 413 when it is too large", async () => {
  await using other = await openShop();
  const post = (bytes: number) =>
    fetch(`${other.gateway.url}/webhooks/stripe`, { method: "POST", body: new Uint8Array(bytes) });
  expect((await post(2 * 1024 * 1024)).status).toBe(413);
  await other.payment.stop();
  expect((await post(10)).status).toBe(503);
});

test("a browser finds Sandbox with both endpoints, and an explorer that needs no internet", async () => {
  const sandbox = await (await get("/graphql", { accept: "text/html" })).text();
  expect(sandbox).toContain("initialSubscriptionEndpoint");
  const explorer = await (await get("/explorer")).text();
  const assets = [...explorer.matchAll(/(?:src|href)="([^"]+)"/g)].map(([, path = ""]) => path);
  expect(assets.length).toBe(5);
  for (const path of assets) {
    expect(path).toMatch(/^\/explorer\//);
    expect((await get(path)).status).toBe(200);
  }
  expect((await get("/explorer/../../package.json")).status).toBe(404);
});

test("how long a caller should wait stands in a header, whichever service says so", async () => {
  const cancel = (orderId: string) =>
    fetch(`${shop.gateway.url}/graphql`, {
      method: "POST",
      headers: { "content-type": "application/json" },
      body: JSON.stringify({ query: `mutation { cancel(orderId: "${orderId}") { id } }` }),
    });
  const busy = await cancel("busy");
  expect(busy.headers.get("retry-after")).toBe("7");
  expect(await busy.json()).toMatchObject({ errors: [{ extensions: { code: "SERVICE_UNAVAILABLE" } }] });
  expect((await cancel("ord_1")).headers.get("retry-after")).toBeNull();
});

test("a tool can ask for the whole schema", async () => {
  const { data, errors } = await shop.ask(
    getIntrospectionQuery({ inputValueDeprecation: true, oneOf: true }),
  );
  expect(errors).toBeUndefined();
  expect(JSON.stringify(data)).toContain("orderUpdated");
});

test("a query by GET is answered to a GraphQL client, and not to a form or an image", async () => {
  const ask = (accept: string) => get(`/graphql?query=${encodeURIComponent("{ methods }")}`, { accept });
  const answer = await ask("application/graphql-response+json, application/graphql+json, application/json");
  expect([answer.status, await answer.json()]).toMatchObject([200, { data: { methods: ["card"] } }]);
  expect(answer.headers.get("cache-control")).toBe("no-store");
  for (const accept of ["*/*", "image/avif,image/webp,*/*;q=0.8"]) {
    const refused = await ask(accept);
    expect([refused.status, await refused.json()]).toMatchObject([
      400,
      { errors: [{ extensions: { code: "BAD_REQUEST" } }] },
    ]);
  }
});

test("what is long is compressed as the client takes it, and what has a token is not", async () => {
  const ask = async (query: string, encodings: string) => {
    const answer = await fetch(`${shop.gateway.url}/graphql`, {
      method: "POST",
      headers: { "content-type": "application/json", "accept-encoding": encodings },
      body: JSON.stringify({ query }),
    });
    const text = await answer.text();
    const { data } = JSON.parse(text) as { data: unknown };
    return { encoding: answer.headers.get("content-encoding"), data, text };
  };
  const titles = Array.from({ length: 20 }, (_, at) => `a${at}: products { id title }`).join(" ");
  const plain = await ask(`{ ${titles} }`, "identity");
  expect(plain.encoding).toBeNull();
  for (const encoding of ["br", "gzip"])
    expect(await ask(`{ ${titles} }`, encoding)).toMatchObject({ encoding, data: plain.data });
  expect((await ask("{ methods }", "br")).encoding).toBeNull();
  const many = Array.from({ length: 25 }, (_, at) => `a${at}_${"x".repeat(50)}: accessToken`).join(" ");
  const renewed = await ask(`mutation { refreshSession(refreshToken: "r") { ${many} } }`, "br");
  expect(renewed.encoding).toBeNull();
  expect(renewed.text.length).toBeGreaterThan(1_024);
  const page = await fetch(`${shop.gateway.url}/explorer`, { headers: { "accept-encoding": "gzip" } });
  expect(page.headers.get("content-encoding")).toBe("gzip");
});

test("a page of another site may ask, and metrics are for the inside only", async () => {
  const preflight = await fetch(`${shop.gateway.url}/graphql`, { method: "OPTIONS" });
  expect(preflight.headers.get("access-control-allow-headers")).toContain("authorization");
  const asked = "authorization, content-type, apollographql-client-name, baggage";
  const reflected = await fetch(`${shop.gateway.url}/graphql`, {
    method: "OPTIONS",
    headers: { "access-control-request-headers": asked },
  });
  expect(reflected.headers.get("access-control-allow-headers")).toBe(asked);
  expect(await (await get("/metrics")).text()).toContain("gateway_request_seconds");
  expect((await get("/metrics", { "x-forwarded-for": "203.0.113.9" })).status).toBe(404);
});

test("the stand-in's page of 3-D Secure is at the gateway's address, and nothing else of the stand-in", async () => {
  const asked: string[] = [];
  const standIn = createServer((request, response) => {
    const chunks: Buffer[] = [];
    request.on("data", (chunk: Buffer) => chunks.push(chunk));
    request.on("end", () => {
      asked.push(`${request.method} ${request.url} ${Buffer.concat(chunks).toString()}`);
      response.end("the bank asks");
    });
  });
  await new Promise<void>((resolve) => standIn.listen(0, "127.0.0.1", resolve));
  const { port } = standIn.address() as AddressInfo;
  await using other = await openShop({ BANK_PAGE_URL: `http://127.0.0.1:${port}` });
  const at = (path: string, init: RequestInit = {}) => fetch(`${other.gateway.url}${path}`, init);

  expect(await (await at("/authenticate/pi_1_secret_2")).text()).toBe("the bank asks");
  await at("/authenticate/pi_1_secret_2", { method: "POST", body: "outcome=succeed" });
  for (const path of [
    "/authenticate/..%2fv1%2frefunds",
    "/authenticate/a/b",
    "/authenticate/",
    "/v1/refunds",
  ])
    expect((await at(path)).status).toBe(404);
  expect((await at("/authenticate/pi_1_secret_2", { method: "DELETE" })).status).toBe(404);
  expect(asked).toEqual([
    "GET /authenticate/pi_1_secret_2 ",
    "POST /authenticate/pi_1_secret_2 outcome=succeed",
  ]);
  expect((await get("/authenticate/pi_1_secret_2")).status).toBe(404);
  standIn.close();
  expect((await at("/authenticate/pi_1_secret_2")).status).toBe(503);
});

test("a request under way is answered before the gateway stops, and nothing new is let in", async () => {
  await using other = await openShop();
  const asked = other.ask("{ held }");
  await vi.waitFor(() => expect(heldReads).toHaveLength(1));
  const stopped = other.gateway.stop();
  await expect(fetch(`${other.gateway.url}/healthz`)).rejects.toThrow();
  heldReads.pop()?.();
  expect((await asked).data).toEqual({ held: "here" });
  await stopped;
});
