import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import Stripe from "stripe";
import { expect, test, vi } from "vitest";
import { givenStandIn } from "./fixtures.ts";

const secret = "whsec_test";
const webhooks = new Stripe("sk_test_shop").webhooks;

/** A shop that takes webhooks: refuses the first `refusals`, verifies all with the SDK. */
async function givenShop(refusals = 0) {
  const received: Stripe.Event[] = [];
  let refused = 0;
  const server = createServer((request, response) => void take(request, response));
  async function take(request: IncomingMessage, response: ServerResponse) {
    const chunks: Buffer[] = [];
    for await (const chunk of request as AsyncIterable<Buffer>) chunks.push(chunk);
    if (refused < refusals) {
      refused += 1;
      response.writeHead(500).end();
      return;
    }
    const signature = String(request.headers["stripe-signature"]);
    received.push(webhooks.constructEvent(Buffer.concat(chunks), signature, secret));
    response.end();
  }
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const { port } = server.address() as AddressInfo;
  return {
    received,
    target: { url: `http://127.0.0.1:${port}/webhooks/stripe`, secret },
    async [Symbol.asyncDispose]() {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}

const params: Stripe.PaymentIntentCreateParams = {
  amount: 900,
  currency: "usd",
  capture_method: "manual",
  confirm: true,
  payment_method: "pm_card_visa",
};

test("each change of an intent sends a webhook with a signature that the SDK accepts", async () => {
  await using shop = await givenShop();
  await using standIn = await givenStandIn({ webhook: shop.target });
  const stripe = standIn.sdk();
  const intent = await stripe.paymentIntents.create(params);
  await stripe.paymentIntents.capture(intent.id);
  await stripe.refunds.create({ payment_intent: intent.id });
  await vi.waitFor(() => expect(shop.received).toHaveLength(4), 5000);
  expect(shop.received.map((event) => event.type).toSorted()).toEqual([
    "charge.refunded",
    "payment_intent.amount_capturable_updated",
    "payment_intent.succeeded",
    "refund.created",
  ]);
  expect(shop.received.some((event) => event.livemode)).toBe(false);
});

test("a webhook that the shop fails to take is sent again until it takes it, also across a restart", async () => {
  await using shop = await givenShop(2);
  await using standIn = await givenStandIn({ webhook: shop.target });
  await standIn.sdk().paymentIntents.create(params);
  await standIn.restart();
  await vi.waitFor(() => expect(shop.received).toHaveLength(1), 5000);
});

test("duplicates carry the same event id", async () => {
  await using shop = await givenShop();
  await using standIn = await givenStandIn({ webhook: shop.target, faults: { duplicateWebhooks: 1 } });
  await standIn.sdk().paymentIntents.create(params);
  await vi.waitFor(() => expect(shop.received).toHaveLength(2), 5000);
  expect(shop.received[0]?.id).toBe(shop.received[1]?.id);
});
