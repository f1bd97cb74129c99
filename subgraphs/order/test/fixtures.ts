import { randomBytes } from "node:crypto";
import {
  type RequestInput,
  type EventData,
  type EventType,
  event,
  type Quote,
  type RequestReply,
} from "@shop/events";
import { type Identity, type ServiceDefinition, signIdentity, audienceKey } from "@shop/service";
import {
  eventually,
  guest,
  stubService,
  startTestService,
  testMasterKey,
  type TestService,
  testStores,
} from "@shop/testkit";
import { newId } from "@shop/values";
import { createClient } from "graphql-ws";
import order from "../src/main.ts";
import { expect } from "vitest";

const usd = (amount: number) => ({ amount, currency: "USD" });
/** A payment method's token, which only payment can read. */
export const sealed: unknown = expect.stringMatching(/^sealed\.[\w-]{40,}$/);

export const address = {
  name: "Ada Love",
  line1: "1 Way",
  city: "Berlin",
  postalCode: "10115",
  country: "DE",
};

/** A quote of two mugs for 12 USD, of the cart that was asked for. */
export function quoteOf(
  asked: RequestInput<"cart.quote">,
  more: Partial<Quote> = {},
): RequestReply<"cart.quote"> {
  const line = { lineId: "line_1", variantId: "var_1", productId: "prd_1", sku: "MUG", title: "Mug" };
  const priced = { quantity: 2, unitPrice: usd(500), lineTotal: usd(1000), weightGrams: 300 };
  return {
    outcome: "quoted",
    quote: {
      ...{ cartId: asked.cartId, cartVersion: asked.cartVersion ?? 1, customerId: null, currency: "USD" },
      lines: [{ ...line, ...priced, imageUrl: "https://img.shop.test/mug.png" }],
      totals: { subtotal: usd(1000), discount: usd(0), shipping: usd(200), tax: usd(0), total: usd(1200) },
      shippingOption: {
        ...{ id: asked.shippingOptionId, name: "Standard", price: usd(200) },
        estimatedDelivery: "2026-12-01T00:00:00Z",
      },
      ...more,
    },
  };
}

export type Shop = Awaited<ReturnType<typeof openShop>>;

/** The order service on real stores, with a cart, an account and a shipping that only answer. */
export async function openShop(env: Record<string, string> = {}, definition: ServiceDefinition = order) {
  const stack = new AsyncDisposableStack();
  const stores = stack.use(await testStores());
  const shop = {
    quote: async (asked: RequestInput<"cart.quote">): Promise<RequestReply<"cart.quote">> => quoteOf(asked),
    callOff: async (_asked: RequestInput<"shipping.callOff">): Promise<RequestReply<"shipping.callOff">> => ({
      outcome: "called-off",
    }),
  };
  const cart = stack.use(await stubService(stores, "cart", { "cart.quote": (asked) => shop.quote(asked) }));
  stack.use(await stubService(stores, "shipping", { "shipping.callOff": (asked) => shop.callOff(asked) }));
  stack.use(
    await stubService(stores, "account", {
      "account.contact": async ({ addressId }) => ({
        email: "customer@shop.test",
        address: addressId === "adr_mine" ? address : null,
      }),
    }),
  );
  const service = stack.use(
    await startTestService(definition, {
      stores,
      env: { ORDER_TOKEN_KEYS: `k1:${randomBytes(32).toString("base64")}`, ...env },
    }),
  );
  return Object.assign(shop, {
    stores,
    cart,
    service,
    ...acts(service),
    [Symbol.asyncDispose]: () => stack.disposeAsync(),
  });
}

export const orderFields = `
  id number status canPay canCancel statusReason email expiresAt shippingOption { code name estimatedDelivery } total { amount currency } payment { id } shipments { id order { id } }
  lines { id sku title quantity lineTotal { amount } image { url } variant { id } }
  timeline { id type status message occurredAt }`;

const payload = `{ order { ${orderFields} } userErrors { code message field } }`;

/** How many ms to wait with a checkout that was held back; undefined for any other answer. */
function waitOf({ errors }: Awaited<ReturnType<TestService["graphql"]>>): number | undefined {
  const { code, retryAfterSeconds } = errors?.[0]?.extensions ?? {};
  return code === "SERVICE_UNAVAILABLE" && typeof retryAfterSeconds === "number"
    ? retryAfterSeconds * 1000
    : undefined;
}

/** What a client does. */
function acts(service: TestService) {
  const checkoutInput = (more: object = {}) => ({
    cartId: newId("cart"),
    email: "ada@shop.test",
    shippingAddress: address,
    shippingOptionId: "standard",
    paymentMethod: { token: "pm_card_visa" },
    idempotencyKey: newId("key"),
    ...more,
  });
  const checkoutOnce = (input: object, who: Identity) =>
    service.graphql(
      `mutation ($input: CheckoutInput!) { checkout(input: $input) {
        order { ${orderFields} } orderToken userErrors { code message field }
        problems { __typename ... on NotEnoughStock { lineId requested available } ... on NotForSale { lineId }
          ... on TotalChanged { was { amount } now { amount currency } } } } }`,
      { input },
      who,
    );
  return {
    checkoutInput,
    /** Tries again, under the same key, what is held back because the saga lags, as on a busy machine. */
    async checkout(input: object = checkoutInput(), who: Identity = guest) {
      let answer = await checkoutOnce(input, who);
      for (let tries = 1; waitOf(answer) !== undefined && tries < 10; tries++) {
        await new Promise((resolve) => setTimeout(resolve, waitOf(answer)));
        answer = await checkoutOnce(input, who);
      }
      if (!answer.data) throw new Error(JSON.stringify(answer.errors));
      return answer.data["checkout"];
    },
    async ordersOf({ cartId }: { cartId: string }): Promise<number> {
      const [row] = await service.kit.pg.sql<{ orders: number }[]>`
        select count(*)::int as orders from orders where cart_id = ${cartId}`;
      return row?.orders ?? 0;
    },
    async pay(variables: object, who: Identity = guest) {
      const answer = await service.graphql(
        `mutation ($orderId: ID!, $token: String, $method: PaymentMethodInput!, $key: String!) {
          orderPay(orderId: $orderId, token: $token, paymentMethod: $method, idempotencyKey: $key) ${payload} }`,
        { method: { token: "pm_card_visa" }, key: newId("key"), ...variables },
        who,
      );
      return answer.data?.["orderPay"];
    },
    async cancel(variables: object, who: Identity = guest) {
      const answer = await service.graphql(
        `mutation ($orderId: ID!, $token: String, $reason: String, $key: String!) {
          orderCancel(orderId: $orderId, token: $token, reason: $reason, idempotencyKey: $key) ${payload} }`,
        { key: newId("key"), ...variables },
        who,
      );
      if (!answer.data) throw new Error(JSON.stringify(answer.errors));
      return answer.data["orderCancel"];
    },
    async read(id: string, token: string | null = null, who: Identity = guest) {
      const query = `query ($id: ID!, $token: String) { order(id: $id, token: $token) { ${orderFields} } }`;
      const answer = await service.graphql(query, { id, token }, who);
      return answer.data?.["order"];
    },
    /** Publishes an event of another service, and returns it. */
    async publish<T extends EventType>(type: T, data: EventData<T> & { orderId: string }, version = 1) {
      return service.publish(
        event(type, { aggregateId: data.orderId, version, sagaId: data.orderId, data }) as never,
      );
    },
    async until(id: string, status: string) {
      const now = async () => {
        const [row] = await service.kit.pg.sql<{ status: string; counter: number }[]>`
          select status, counter from orders where id = ${id}`;
        return row;
      };
      const isThere = async () => (await now())?.status === status;
      await eventually(isThere, `order ${id} did not become ${status}`, { progress: now });
    },
  };
}

/** The data of events about an order. */
export const eventsOf = (orderId: string) => {
  const ref = { orderId, paymentId: orderId.replace("ord_", "pay_") };
  const shipment = { shipmentId: orderId.replace("ord_", "shp_"), warehouseCode: "EU" };
  return {
    reserved: {
      orderId,
      allocations: [
        { warehouseCode: "EU", warehouseCountry: "DE", lineId: "line_1", sku: "MUG", quantity: 2 },
      ],
    },
    processed: { ...ref, attempt: 1, amount: usd(1200) },
    captured: { ...ref, amount: usd(1200) },
    failed: (attempt: number) => ({ ...ref, attempt, reason: "insufficient funds" }),
    scheduled: { orderId, shipments: [{ ...shipment, status: "SCHEDULED" as const }] },
  };
};

/** An OrderUpdate as a subscriber sees it. */
export type Pushed = {
  cursor: string;
  event: { type: string; status: string; id: string };
  order: { id: string; status: string; timeline: unknown[] };
};

const pushed = `{ cursor event { id type status } order { id status timeline { id } } }`;

/** Opens a socket to the service, as a gateway does. */
export const openSocket = (service: TestService) =>
  createClient({ url: `${service.url.replace("http", "ws")}/graphql`, retryAttempts: 0 });

/** Follows over a socket of the service, by default one of its own; `seen` fills as pushes come. */
export function follow(
  service: TestService,
  what:
    | { orderId: string; token?: string | undefined; after?: string | undefined }
    | { after?: string | undefined },
  who: Identity = guest,
  client = openSocket(service),
) {
  const identity = signIdentity(who, "order", audienceKey(testMasterKey, "order"));
  const isOne = "orderId" in what;
  const query = isOne
    ? `subscription ($orderId: ID!, $token: String, $after: String) {
        update: orderUpdated(orderId: $orderId, token: $token, after: $after) ${pushed} }`
    : `subscription ($after: String) { update: myOrdersUpdated(after: $after) ${pushed} }`;
  const seen: Pushed[] = [];
  const failed: unknown[] = [];
  const errorPushes: unknown[] = [];
  const stop = client.subscribe<{ update: Pushed }>(
    { query, variables: { ...what }, extensions: { identity } },
    {
      next: ({ data, errors }) => {
        if (data) seen.push(data.update);
        if (errors) failed.push(...errors);
        if (!data) errorPushes.push(errors);
      },
      error: (error) => void failed.push(...(Array.isArray(error) ? error : [error])),
      complete: () => undefined,
    },
  );
  return {
    seen,
    failed,
    /** Answers without data that came as if they were events: a refusal is the message `error`. */
    errorPushes,
    types: () => seen.map(({ event: { type } }) => type),
    async [Symbol.asyncDispose]() {
      stop();
      await client.dispose();
    },
  };
}

/** What the userErrors of an answer say. */
export const codes = (payload: { userErrors: { code: string }[] }) =>
  payload.userErrors.map(({ code }) => code);
