import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, rmSync } from "node:fs";
import { createServer, type AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { event, type EventData, type NewEvent, type RequestInput, type RequestReply } from "@shop/events";
import { audienceKey, sealSecret } from "@shop/service";
import {
  eventually,
  stubService,
  staff,
  startTestService,
  testMasterKey,
  testStores,
  type TestService,
} from "@shop/testkit";
import { money, newId } from "@shop/values";
import Stripe from "stripe";
import payment from "../src/main.ts";

export const webhookSecret = "whsec_of_the_test";
export const total = money(4200, "USD");

export type Shop = Awaited<ReturnType<typeof givenShop>>;

/** Payment on real stores, and the Stripe stand-in, with its webhooks, as a process of its own. */
export async function givenShop(
  options: { standIn?: Record<string, string>; payment?: Record<string, string>; webhooks?: boolean } = {},
) {
  await using opened = new AsyncDisposableStack();
  const stores = opened.use(await testStores());
  const databaseUrl = await stores.databaseUrl("payment");
  const [stripePort, paymentPort] = [await freePort(), await freePort()];
  /** Order's answers to `order.standing`; by default the order is unknown. */
  const standings = new Map<string, RequestReply<"order.standing">>();
  /** Order's replies to `order.win`; by default events decide. */
  const order = {
    win: async (_asked: RequestInput<"order.win">): Promise<RequestReply<"order.win">> => ({
      ...{ outcome: "not-yet", reason: "NOT_RESERVED" },
    }),
  };
  opened.use(
    await stubService(stores, "order", {
      "order.win": (asked) => order.win(asked),
      "order.standing": ({ orderId }) => Promise.resolve(standings.get(orderId) ?? { outcome: "unknown" }),
    }),
  );
  const stripe = await startStandIn(stripePort, {
    STRIPE_WEBHOOK_DELAY_MS: "50",
    ...(options.webhooks !== false && {
      STRIPE_WEBHOOK_URL: `http://127.0.0.1:${paymentPort}/webhooks/stripe`,
      STRIPE_WEBHOOK_SECRET: webhookSecret,
    }),
    ...options.standIn,
  });
  opened.defer(stripe.stop);
  const start = () =>
    startTestService(payment, {
      stores,
      databaseUrl,
      env: {
        PAYMENT_PORT: String(paymentPort),
        STRIPE_SECRET_KEY: "sk_test_shop",
        STRIPE_API_URL: stripe.url,
        STRIPE_WEBHOOK_SECRET: webhookSecret,
        STRIPE_TIMEOUT_MS: "2000",
        RECONCILE_EVERY_S: "3600",
        ...options.payment,
      },
    });
  let service = await start();
  opened.defer(() => service.stop());
  const closing = opened.move();

  return {
    sdk: stripe.sdk,
    stores,
    standings,
    order,
    get service(): TestService {
      return service;
    },
    async restart() {
      await service.stop();
      service = await start();
    },
    /** Changes the stand-in's fault settings, or completes 3-D Secure. */
    async atProvider(path: string, params: Record<string, string>) {
      const response = await fetch(`${stripe.url}/v1/test/${path}`, {
        method: "POST",
        headers: { authorization: "Bearer sk_test_shop" },
        body: new URLSearchParams(params),
      });
      if (!response.ok) throw new Error(await response.text());
    },
    /** All intents at the provider, by their order. */
    async intents(): Promise<Map<string, Stripe.PaymentIntent[]>> {
      const all = await stripe.sdk.paymentIntents.list({ limit: 100 }).autoPagingToArray({ limit: 5000 });
      return Map.groupBy(all, (intent) => intent.metadata["orderId"] ?? "");
    },
    /** How the provider sees the order's only intent. */
    async intentOf(orderId: string): Promise<Stripe.PaymentIntent> {
      const all = await stripe.sdk.paymentIntents.list({ limit: 100 }).autoPagingToArray({ limit: 5000 });
      const [intent, ...more] = all.filter((one) => one.metadata["orderId"] === orderId);
      if (!intent || more.length > 0)
        throw new Error(`expected one intent, got ${more.length + (intent ? 1 : 0)}`);
      return intent;
    },
    statusIs: (orderId: string, status: string) =>
      eventually(
        async () => (await statusOf(service, orderId)) === status,
        `${orderId} was never ${status}`,
        { progress: () => statusOf(service, orderId) },
      ),
    [Symbol.asyncDispose]: () => closing.disposeAsync(),
  };
}

export const paymentOf = (orderId: string) => `pay_${orderId.slice(4)}`;

/** As staff see them. */
export async function shown(service: TestService, ...orderIds: string[]) {
  const answer = await service.graphql(
    `query ($representations: [_Any!]!) { _entities(representations: $representations) { ... on Payment {
       id status amount { amount currency } refunded { amount } clientSecret failureReason } } }`,
    { representations: orderIds.map((id) => ({ __typename: "Payment", id: paymentOf(id) })) },
    staff,
  );
  return answer.data?.["_entities"] as (Record<string, unknown> | null)[];
}

async function statusOf(service: TestService, orderId: string) {
  return (await shown(service, orderId))[0]?.["status"];
}

/** Seals a token as order does; a sealed one stays as it is. */
function sealed(token: string): string {
  return token.startsWith("sealed.") ? token : sealSecret(token, audienceKey(testMasterKey, "payment"));
}

/** The events of the order and inventory services about one order. */
export function givenOrder(paymentToken: string | null = "pm_card_visa") {
  const orderId = newId("ord");
  let version = 0;
  const make = <T extends Parameters<typeof event>[0]>(type: T, data: object): NewEvent<T> => {
    version += 1;
    return event(type, {
      aggregateId: orderId,
      version,
      sagaId: orderId,
      data: { orderId, ...data } as unknown as EventData<T>,
    });
  };
  const zero = money(0, total.currency);
  const address = { name: "A", line1: "1 Road", city: "Town", postalCode: "1", country: "US" };
  return {
    orderId,
    initiated: make("OrderInitiated", {
      number: "1001",
      customerId: null,
      email: "a@shop.test",
      cartId: "cart_1",
      cartVersion: 1,
      lines: [
        {
          lineId: "line_1",
          variantId: "var_1",
          productId: "prd_1",
          sku: "SKU",
          title: "Thing",
          imageUrl: null,
          quantity: 1,
          unitPrice: total,
          lineTotal: total,
          weightGrams: 1,
        },
      ],
      totals: { subtotal: total, discount: zero, shipping: zero, tax: zero, total },
      address,
      shippingOptionId: "standard",
      paymentToken: paymentToken === null ? null : sealed(paymentToken),
    }),
    reserved: make("InventoryReserved", {
      allocations: [
        { warehouseCode: "W", warehouseCountry: "US", lineId: "line_1", sku: "SKU", quantity: 1 },
      ],
    }),
    paid: make("OrderPaid", { paymentId: paymentOf(orderId) }),
    cancelled: make("OrderCancelled", { reason: "No longer wanted", by: "CUSTOMER" }),
    expired: make("OrderExpired", {}),
    refused: make("OrderConfirmationFailed", { reason: "Refused" }),
    requested: (token: string, attempt: number) =>
      make("PaymentRequested", { attempt, paymentToken: sealed(token), total }),
  };
}

export async function startStandIn(port: number, env: Record<string, string>) {
  const folder = mkdtempSync(join(tmpdir(), "payment-test-"));
  const program = fileURLToPath(new URL("../../../infra/stripe/src/main.ts", import.meta.url));
  const child = spawn(process.execPath, [program], {
    env: { STRIPE_DATA_FOLDER: folder, PORT: String(port), ...env },
    stdio: ["ignore", "ignore", "inherit"],
  });
  const url = `http://127.0.0.1:${port}`;
  await eventually(async () => (await fetch(`${url}/healthz`)).ok, "the stand-in did not start");
  return {
    url,
    sdk: new Stripe("sk_test_shop", {
      host: "127.0.0.1",
      port,
      protocol: "http",
      telemetry: false,
      maxNetworkRetries: 5,
    }),
    async stop() {
      const ended = once(child, "exit");
      child.kill("SIGKILL");
      await ended;
      rmSync(folder, { recursive: true });
    },
  };
}

export async function freePort(): Promise<number> {
  const server = createServer().listen(0, "127.0.0.1");
  await once(server, "listening");
  const { port } = server.address() as AddressInfo;
  server.close();
  await once(server, "close");
  return port;
}
