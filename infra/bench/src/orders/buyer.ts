import { randomUUID } from "node:crypto";
import { createClient } from "graphql-ws";
import { Client } from "undici";
import { WebSocket } from "ws";
import { readOperation } from "@shop/values/operations";
import { z } from "zod";

/** One whole checkout: what the call and the confirmation took, in ms after the call was sent. */
export type Bought = { callMs: number; confirmedMs: number };
/** Why a checkout did not end in ORDER_CONFIRMED. */
export type NotBought = { refused: string };

/** A guest with a connection and a socket of their own, who buys again and again. */
export type Buyer = {
  /** Cart, cart page, checkout, and the order's events until it is confirmed. */
  buy(sku: string): Promise<Bought | NotBought>;
  close(): Promise<void>;
};

/** How long an order may take until it counts as refused. */
const maxWaitMs = 60_000;

export const benchAddress = {
  name: "Bench",
  line1: "1 Main Street",
  city: "Reno",
  region: "NV",
  postalCode: "89501",
  country: "US",
};

const made = z.object({
  data: z.object({ cartCreate: z.object({ cart: z.object({ id: z.string(), version: z.int() }) }) }),
});
const placed = z.object({
  data: z.object({ checkout: z.object({ order: z.object({ id: z.string() }), orderToken: z.string() }) }),
});
const pushed = z.object({
  data: z.object({ orderUpdated: z.object({ event: z.object({ type: z.string() }) }) }),
});

const failures = new Set(["ORDER_REJECTED", "ORDER_CANCELLED", "ORDER_EXPIRED"]);

/** Opens a buyer at the graph's URL. */
export function openBuyer(url: string): Buyer {
  const target = new URL(url);
  const http = new Client(target.origin);
  const socket = createClient({
    url: url.replace(/^http/, "ws"),
    webSocketImpl: WebSocket,
    lazy: false,
    retryAttempts: 0,
  });
  const documents = {
    create: readOperation("cart-create"),
    page: readOperation("cart-page"),
    checkout: readOperation("checkout-lean"),
    progress: readOperation("order-progress"),
  };

  const send = async (query: string, variables: object): Promise<unknown> => {
    const { body } = await http.request({
      path: target.pathname,
      method: "POST",
      headers: { "content-type": "application/json" },
      body: JSON.stringify({ query, variables }),
    });
    return await body.json();
  };

  const untilConfirmed = (orderId: string, token: string): Promise<string> => {
    const { promise, resolve } = Promise.withResolvers<string>();
    const timer = setTimeout(() => resolve("not confirmed in time"), maxWaitMs);
    const stop = socket.subscribe(
      { query: documents.progress, variables: { orderId, token } },
      {
        next(push) {
          const read = pushed.safeParse(push);
          const type = read.success ? read.data.data.orderUpdated.event.type : JSON.stringify(push);
          if (type === "ORDER_CONFIRMED" || failures.has(type) || !read.success) resolve(type);
        },
        error: (error) => resolve(`subscription: ${JSON.stringify(error)}`),
        complete: () => resolve("the subscription ended"),
      },
    );
    return promise.finally(() => {
      clearTimeout(timer);
      stop();
    });
  };

  return {
    async buy(sku) {
      const cart = made.safeParse(await send(documents.create, { input: { lines: [{ sku, quantity: 1 }] } }));
      if (!cart.success) return { refused: "cartCreate" };
      const { id: cartId, version: cartVersion } = cart.data.data.cartCreate.cart;
      await send(documents.page, { id: cartId, address: benchAddress });
      const input = {
        ...{ cartId, cartVersion, email: "bench@shop.test", shippingAddress: benchAddress },
        ...{ shippingOptionId: "standard", paymentMethod: { token: "pm_card_visa" } },
        idempotencyKey: randomUUID(),
      };
      const begun = performance.now();
      const answer = await send(documents.checkout, { input });
      const callMs = performance.now() - begun;
      const order = placed.safeParse(answer);
      if (!order.success) return { refused: JSON.stringify(answer).slice(0, 300) };
      const { checkout } = order.data.data;
      const end = await untilConfirmed(checkout.order.id, checkout.orderToken);
      if (end !== "ORDER_CONFIRMED") return { refused: end };
      return { callMs, confirmedMs: performance.now() - begun };
    },
    async close() {
      await socket.dispose();
      await http.close();
    },
  };
}
