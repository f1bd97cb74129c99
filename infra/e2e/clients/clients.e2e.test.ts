import { readFileSync } from "node:fs";
import { loadDevMessages, loadErrorMessages } from "@apollo/client/dev";
import { eventually } from "@shop/testkit/eventually";
import { readOperations } from "@shop/values/operations";
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test, vi } from "vitest";
import type { Untyped } from "../src/answer.ts";
import { openShop, type OpenShop } from "../src/open-shop.ts";
import { address, key, logIn } from "../src/shopping.ts";
import { apolloStoryClient, socketStoryClient, urqlStoryClient } from "./clients-of-shop.ts";
import { startHiveGateway } from "./hive-gateway.ts";
import { openSocket } from "./snippets/socket.ts";
import { staffStory } from "./staff-story.ts";
import { shopFrontStory, textOf } from "./story.ts";

let open: OpenShop;
beforeAll(async () => {
  loadDevMessages();
  loadErrorMessages();
  open = await openShop();
});
afterAll(() => open.close());

const complaints: string[] = [];
beforeEach(() => {
  complaints.length = 0;
  for (const level of ["warn", "error"] as const)
    vi.spyOn(console, level).mockImplementation(
      (...texts: unknown[]) => void complaints.push(texts.join(" ")),
    );
});
afterEach(() => void vi.restoreAllMocks());

describe("a shop front, from search to parcel and as a customer, with both subscriptions", () => {
  test.each([
    ["Apollo Client and its cache", apolloStoryClient],
    ["urql and graphcache, queries by GET", urqlStoryClient],
    ["graphql-ws for all", socketStoryClient],
  ])("on %s", async (_name, make) => {
    const client = make(open.shop.url);
    await shopFrontStory(client);
    await client.close();
    expect(complaints).toEqual([]);
  });
});

test("every operation leaves Apollo Client's cache without a warning, staff's among them", async () => {
  const sent = new Set<string>();
  const client = apolloStoryClient(open.shop.url);
  await shopFrontStory(client, sent);
  client.signIn(await logIn(open.guest, "staff@shop.test"));
  await staffStory(client, sent);
  await client.close();
  expect(complaints).toEqual([]);
  const all = readOperations().map(({ name }) => name);
  // Flash sales have a story of their own.
  expect(all.filter((name) => !sent.has(name) && !/flash|stock-changed/.test(name))).toEqual([]);
});

test("a subscription goes on after its socket broke, each event once", async () => {
  const { order, orderToken } = await unpaidOrder();
  const events: { id: string; type: string }[] = [];
  const sockets: { close(code?: number): void }[] = [];
  const Native = WebSocket;
  vi.stubGlobal(
    "WebSocket",
    class extends Native {
      constructor(url: string, protocol: string) {
        super(url, protocol);
        sockets.push(this);
      }
    },
  );
  const client = openSocket(open.shop.url, async () => undefined);
  const stop = client.subscribe<Untyped>(
    { query: textOf("order-progress"), variables: { orderId: order.id, token: orderToken } },
    {
      next: ({ data }) => void events.push(data.orderUpdated.event),
      error: () => undefined,
      complete: () => undefined,
    },
  );
  await eventually(() => events.some(({ type }) => type === "INVENTORY_RESERVED"), "nothing was pushed");
  sockets.at(-1)?.close(4999);
  await open.guest.carryOut("order-pay", {
    ...{
      orderId: order.id,
      token: orderToken,
      paymentMethod: { token: "pm_card_visa" },
      idempotencyKey: key(),
    },
  });
  await eventually(
    () => events.some(({ type }) => type === "SHIPMENT_SCHEDULED"),
    "the rest was not pushed",
    {
      withinMs: 20_000,
    },
  );
  stop();
  await client.dispose();
  vi.unstubAllGlobals();
  expect(sockets.length).toBe(2);
  expect(new Set(events.map(({ id }) => id)).size).toBe(events.length);
});

test("README's six operations show an order that is paid while it is watched", async () => {
  const readme = readFileSync(new URL("../../../README.md", import.meta.url), "utf8");
  const document = /```graphql\n([\s\S]*?)```/.exec(readme)?.[1] ?? "";
  const known = new Map<string, string>();
  const filled = () => document.replace(/<([\w.]+)>/g, (place, name: string) => known.get(name) ?? place);
  const run = async (operationName: string): Promise<Untyped> => {
    const answer = await fetch(open.shop.url, {
      method: "POST",
      headers: { "content-type": "application/json" },
      body: JSON.stringify({ query: filled(), operationName }),
    });
    const { data, errors } = (await answer.json()) as { data: Untyped; errors?: unknown };
    expect([operationName, errors]).toEqual([operationName, undefined]);
    return data;
  };
  expect((await run("Find")).search.totalCount).toBeGreaterThan(0);
  expect((await run("Look")).product.variants.length).toBeGreaterThan(0);
  known.set("cart.id", (await run("Fill")).cartCreate.cart.id);
  const { checkout } = await run("Buy");
  expect(checkout).toMatchObject({ order: { status: "CREATED" }, problems: [], userErrors: [] });
  known.set("order.id", checkout.order.id).set("orderToken", checkout.orderToken);
  const seen: string[] = [];
  const client = openSocket(open.shop.url, async () => undefined);
  const stop = client.subscribe<Untyped>(
    { query: filled(), operationName: "Watch" },
    {
      next: ({ data }) => void seen.push(data.orderUpdated.event.type),
      error: () => undefined,
      complete: () => undefined,
    },
  );
  await eventually(() => seen.includes("INVENTORY_RESERVED"), "nothing is watched");
  expect((await run("Pay")).orderPay.userErrors).toEqual([]);
  await eventually(() => seen.includes("SHIPMENT_SCHEDULED"), "the parcel is not watched", {
    withinMs: 20_000,
  });
  stop();
  await client.dispose();
});

test("Hive Gateway serves the supergraph: from search to parcel, with a subscription", async () => {
  const hive = await startHiveGateway(open);
  const ask = async (name: Parameters<typeof textOf>[0], variables: object): Promise<Untyped> => {
    const answer = await fetch(hive.url, {
      method: "POST",
      headers: { "content-type": "application/json" },
      body: JSON.stringify({ query: textOf(name), variables }),
    });
    const { data, errors } = (await answer.json()) as { data: Untyped; errors?: unknown };
    expect([name, errors]).toEqual([name, undefined]);
    return data;
  };
  try {
    const { search } = await ask("search-page", {
      query: "headphones",
      first: 5,
      filters: { inStock: true },
    });
    const { product } = await ask("product-page", { slug: search.edges[0].node.slug });
    const lines = [{ sku: product.variants[0].sku, quantity: 1 }];
    const { cartCreate } = await ask("cart-create", { input: { lines, idempotencyKey: key() } });
    const { cart } = await ask("cart-page", { id: cartCreate.cart.id, address });
    const { checkout } = await ask("checkout-lean", {
      input: {
        ...{ cartId: cart.id, email: "hive@shop.test", shippingAddress: address, idempotencyKey: key() },
        ...{ shippingOptionId: cart.shippingOptions[0].id, paymentMethod: { token: "pm_card_visa" } },
      },
    });
    const variables = { orderId: checkout.order.id, token: checkout.orderToken };
    const response = await fetch(hive.url, {
      method: "POST",
      headers: { "content-type": "application/json", accept: "text/event-stream" },
      body: JSON.stringify({ query: textOf("order-progress"), variables }),
    });
    let pushed = "";
    for await (const chunk of response.body ?? []) {
      pushed += Buffer.from(chunk).toString();
      if (pushed.includes("SHIPMENT_SCHEDULED")) break;
    }
    expect(pushed).toContain("ORDER_CONFIRMED");
    const { order } = await ask("order-page", { id: checkout.order.id, token: checkout.orderToken });
    expect(order).toMatchObject({ status: "CONFIRMED", payment: { status: "CAPTURED" }, shipments: [{}] });
  } finally {
    await hive.close();
  }
});

async function unpaidOrder(): Promise<Untyped> {
  const { search } = await open.guest.get("search-page", {
    query: "lamp",
    first: 5,
    filters: { inStock: true },
  });
  const { product } = await open.guest.get("product-page", { slug: search.edges[0].node.slug });
  const { cart } = await open.guest.carryOut("cart-create", {
    input: { lines: [{ sku: product.variants[0].sku, quantity: 1 }] },
  });
  return await open.guest.carryOut("checkout-lean", {
    input: {
      ...{ cartId: cart.id, email: "guest@shop.test", shippingAddress: address },
      ...{ shippingOptionId: "standard", idempotencyKey: key() },
    },
  });
}
