import postgres from "postgres";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import type { CheckoutInput } from "../src/generated/operations.ts";
import { openShop, type OpenShop } from "../src/open-shop.ts";
import { isEvent, wholeLife, type OrderFeed } from "../src/order-feed.ts";
import type { Shopper } from "../src/shopper.ts";
import { address, key, plentyOf, readyCart, untilOrder } from "../src/shopping.ts";
import { expectedNulls } from "./expected-nulls.ts";
import { expectOnly, prepare, readAll, type Answers } from "./pages.ts";

let open: OpenShop;
let guest: Shopper;
beforeAll(async () => {
  open = await openShop({ isSplit: true });
  ({ guest } = open);
});
afterAll(() => open.close());

/** Runs with a service kept down, and has it back afterwards. */
async function without<T>(name: string, run: () => Promise<T>): Promise<T> {
  await open.shop.hold(name);
  try {
    return await run();
  } finally {
    await open.shop.release(name);
  }
}

/** The same with a service that takes requests and answers none. */
async function stalled<T>(name: string, run: () => Promise<T>): Promise<T> {
  await open.shop.kill(name, "SIGSTOP");
  try {
    return await run();
  } finally {
    await open.shop.kill(name, "SIGCONT");
  }
}

describe("while one service is away, the pages show what the others own", () => {
  let requests: Awaited<ReturnType<typeof prepare>>;
  let whole: Answers;
  beforeAll(async () => {
    requests = await prepare(guest);
    whole = await readAll(guest, requests);
    expectOnly({}, whole, whole);
  });

  test.each(Object.entries(expectedNulls))("%s is down", async (name, nulls) => {
    await without(name, async () => expectOnly(nulls, await readAll(guest, requests), whole));
    expectOnly({}, await readAll(guest, requests), whole);
  });

  test.each(["search", "inventory", "payment", "shipping"])("%s hangs", async (name) => {
    await stalled(name, async () =>
      expectOnly(expectedNulls[name] ?? {}, await readAll(guest, requests), whole),
    );
    expectOnly({}, await readAll(guest, requests), whole);
  });
});

describe("while one service is away, orders are taken and go on when it is back", () => {
  let skus: string[];
  beforeAll(async () => {
    skus = (await plentyOf(guest, 5)).map(({ sku }) => sku);
  });
  const order = async (at: number) => await placeOrder(await readyCart(guest, [skus[at] ?? ""]));
  const placeOrder = async (cart: Omit<CheckoutInput, "idempotencyKey">) => {
    const input = { ...cart, idempotencyKey: key() };
    const checkout = await guest.carryOut("checkout-lean", { input });
    expect(checkout).toMatchObject({ problems: [], userErrors: [], order: { status: "CREATED" } });
    return { orderId: checkout.order.id, token: checkout.orderToken };
  };

  test("inventory is down", async () => {
    const { orderId, token } = await without("inventory", () => order(0));
    await untilOrder(guest, orderId, token, ["CONFIRMED"]);
  });

  test("payment is down: who follows the order gets each update once, in order", async () => {
    const { placed, feed } = await without("payment", async () => {
      const placed = await order(1);
      const feed = guest.subscribe("order-updated", placed);
      const reserved = await feed.until(isEvent("INVENTORY_RESERVED"));
      expect(reserved.data.orderUpdated.order).toMatchObject({ status: "AWAITING_PAYMENT", payment: null });
      expect(reserved.errors).toMatchObject([
        { path: ["orderUpdated", "order", "payment"], extensions: { code: "SERVICE_UNAVAILABLE" } },
      ]);
      return { placed, feed };
    });
    await feed.until(isEvent("SHIPMENT_SCHEDULED"));
    expectWholeLife([feed]);
    const { orderId, token } = placed;
    await untilOrder(guest, orderId, token, ["CONFIRMED"]);
  });

  test.each([
    { how: "down", run: without },
    { how: "hanging", run: stalled },
  ])("shipping is $how: who has seen its price pays it, and is sent the parcel later", async ({ run }) => {
    const cart = await readyCart(guest, [skus[2] ?? ""]);
    const { quote } = (
      await guest.get("cart-quote", { id: cart.cartId, shippingOptionId: "standard", address })
    ).cart;
    const placed = await run("shipping", async () => {
      const { orderId, token } = await placeOrder({ ...cart, expectedTotal: quote.total });
      const page = await untilOrder(guest, orderId, token, ["CONFIRMED"]);
      expect(page.timeline.map(({ type }) => type)).toEqual(wholeLife.slice(0, 4));
      return { orderId, token };
    });
    const feed = guest.subscribe("order-updated", placed);
    const sent = await feed.until(isEvent("SHIPMENT_SCHEDULED"));
    expect(sent.data.orderUpdated.order.shipments[0].trackingNumber).toBeTruthy();
    feed.stop();
  });

  test("shipping is down: a price that was never shown can't be known; the same key succeeds later", async () => {
    const input = { ...(await readyCart(guest, [skus[3] ?? ""], 3)), idempotencyKey: key() };
    const refused = await without("shipping", () => guest.send("checkout-lean", { input }));
    expect(refused.errors).toMatchObject([
      { path: ["checkout"], extensions: { code: "SERVICE_UNAVAILABLE" } },
    ]);
    const checkout = await guest.carryOut("checkout-lean", { input });
    await untilOrder(guest, checkout.order.id, checkout.orderToken, ["CONFIRMED"]);
  });
});

test.each([
  { how: "down", run: without },
  { how: "hanging", run: stalled },
])(
  "shipping is $how: what is confirmed can't be cancelled now, and can under the same key later",
  async ({ run }) => {
    const [one] = await plentyOf(guest, 1);
    const input = { ...(await readyCart(guest, [one?.sku ?? ""])), idempotencyKey: key() };
    const checkout = await guest.carryOut("checkout-lean", { input });
    const placed = { orderId: checkout.order.id, token: checkout.orderToken };
    await untilOrder(guest, placed.orderId, placed.token, ["CONFIRMED"]);
    const command = { ...placed, idempotencyKey: key() };
    const refused = await run("shipping", () => guest.send("order-cancel", command));
    expect(refused).toMatchObject({
      data: null,
      errors: [{ path: ["orderCancel"], extensions: { code: "SERVICE_UNAVAILABLE" } }],
    });
    await expect
      .poll(async () => (await guest.send("order-cancel", command)).data?.orderCancel, { timeout: 60_000 })
      .toMatchObject({ order: { status: "CANCELLED" }, userErrors: [] });
  },
);

describe("who follows an order misses nothing", () => {
  /** An order that waits for payment, and a feed of it. */
  const followed = async () => {
    const [one] = await plentyOf(guest, 1);
    const input = { ...(await readyCart(guest, [one?.sku ?? ""])), idempotencyKey: key() };
    const checkout = await guest.carryOut("checkout-lean", { input });
    const placed = { orderId: checkout.order.id, token: checkout.orderToken };
    const feed = guest.subscribe("order-updated", placed);
    await feed.until(isEvent("INVENTORY_RESERVED"));
    return { placed, feed };
  };

  test("when the order service goes away and comes back, without noticing", async () => {
    const feed = await without("payment", async () => {
      const { feed } = await followed();
      await without("order", async () => undefined);
      return feed;
    });
    await feed.until(isEvent("SHIPMENT_SCHEDULED"));
    expectWholeLife([feed]);
  });

  test("when the gateway is killed, by coming back with the last cursor", async () => {
    await open.shop.hold("payment");
    const { placed, feed } = await followed();
    await open.shop.kill("gateway", "SIGKILL");
    await expect(feed.until(isEvent("SHIPMENT_SCHEDULED"))).rejects.toThrow("the subscription failed");
    await open.shop.release("payment");
    const feeds = [feed];
    for (const until = Date.now() + 90_000; ;) {
      const after = feeds.flatMap(({ pushes }) => pushes).at(-1)?.data.orderUpdated.cursor;
      const next = guest.subscribe("order-updated", { ...placed, after });
      feeds.push(next);
      const last = await next.until(isEvent("SHIPMENT_SCHEDULED")).catch((error: unknown) => {
        if (Date.now() > until) throw error;
      });
      if (last) break;
    }
    expectWholeLife(feeds);
  });
});

test("a product that is in the index and no longer in the catalogue harms nothing", async () => {
  const { search } = await guest.get("search-page", {
    query: "kettle",
    first: 5,
    filters: { inStock: true },
  });
  const gone = search.edges[0].node;
  const { product } = await guest.get("product-page", { slug: gone.slug });
  const cart = await readyCart(guest, [product.variants[0].sku]);
  const { postgres: url } = (await open.shop.status()).stores;
  const sql = postgres(Object.assign(new URL(url), { pathname: "/shop_catalog" }).href, { max: 1 });
  await sql.begin(async (tx) => {
    await tx`delete from skus where product_id = ${gone.id}`;
    await tx`delete from products where id = ${gone.id}`;
  });
  await sql.end();

  const isGone = async () => (await guest.get("product-page", { slug: gone.slug })).product === null;
  await expect.poll(isGone, { timeout: 60_000 }).toBe(true);
  const { search: found } = await guest.get("search-page", {
    query: "kettle",
    first: 5,
    filters: { inStock: true },
  });
  expect(found.totalCount).toBe(search.totalCount);
  expect(found.edges.map(({ node }) => node)).toEqual([
    null,
    ...search.edges.slice(1).map(({ node }) => node),
  ]);
  await guest.get("search-suggestions", { prefix: "kett" });
  const { cart: page } = await guest.get("cart-page", { id: cart.cartId, address });
  expect(page.lines).toMatchObject([{ title: expect.any(String), variant: null }]);
});

/** All steps once, in order, however many connections they came over. */
function expectWholeLife(feeds: OrderFeed[]): void {
  const updates = feeds.flatMap(({ pushes }) => pushes.map(({ data }) => data.orderUpdated));
  expect(updates.map(({ event }) => event.type)).toEqual(wholeLife);
  expect(new Set(updates.map(({ cursor }) => cursor)).size).toBe(wholeLife.length);
  for (const { stop } of feeds) stop();
}
