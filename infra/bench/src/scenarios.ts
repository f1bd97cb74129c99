import { randomUUID } from "node:crypto";
import { readOperation } from "@shop/values/operations";
import { request } from "undici";
import { load, type Measured } from "./load.ts";
import { percentiles } from "./percentiles.ts";

/** How long a scenario is measured; concurrency is each scenario's own. */
export type Effort = { seconds: number; warmUpSeconds: number };

const address = {
  name: "Bench",
  line1: "1 Main Street",
  city: "Reno",
  region: "NV",
  postalCode: "89501",
  country: "US",
};

// oxlint-disable-next-line typescript/no-explicit-any -- a bench reads the few fields that it selects
type Data = any;

async function graph(url: string, query: string, variables: object = {}): Promise<Data> {
  const { body } = await request(url, {
    method: "POST",
    headers: { "content-type": "application/json" },
    body: JSON.stringify({ query, variables }),
  });
  const answer = (await body.json()) as { data: Data; errors?: unknown };
  if (answer.errors) throw new Error(JSON.stringify(answer.errors));
  return answer.data;
}

/** Slugs and SKUs to play with, spread over the catalogue by what search gives page by page. */
export async function sampleOf(url: string, pages = 10): Promise<{ slugs: string[]; skus: string[] }> {
  const slugs: string[] = [];
  const skus: string[] = [];
  for (let after: string | null = null, page = 0; page < pages; page++) {
    const { search } = await graph(
      url,
      `query ($after: String) { search(first: 100, after: $after, sort: NEWEST, filters: { inStock: true }) {
        pageInfo { endCursor hasNextPage } nodes { slug variants { sku availability { quantity } } } } }`,
      { after },
    );
    for (const product of search.nodes as Data[]) {
      slugs.push(product.slug as string);
      for (const variant of product.variants as Data[])
        if (variant.availability.quantity >= 20) skus.push(variant.sku as string);
    }
    after = search.pageInfo.endCursor as string;
    if (!search.pageInfo.hasNextPage) break;
  }
  return { slugs, skus };
}

/** The floor: the gateway answers a constant, so what is above it is the graph's own cost. */
export function floor(url: string, effort: Effort): Promise<Measured> {
  return load({
    name: "floor: /healthz",
    url: new URL("/healthz", url).href,
    concurrency: 32,
    ...effort,
    next: () => ({ body: "" }),
  });
}

/** A product page of a random product. */
export function productDetail(url: string, slugs: string[], effort: Effort): Promise<Measured> {
  const query = readOperation("product-page");
  const next = () => ({ body: JSON.stringify({ query, variables: { slug: pick(slugs) } }) });
  return load({ name: "product detail", url, concurrency: 32, ...effort, next });
}

/** A search page with facets: one to three words that the catalogue has. */
export function search(url: string, effort: Effort, words = searchWords): Promise<Measured> {
  const query = readOperation("search-page");
  const next = () => {
    const text = Array.from({ length: 1 + Math.floor(Math.random() * 3) }, () => pick(words)).join(" ");
    return { body: JSON.stringify({ query, variables: { query: text, first: 20 } }) };
  };
  return load({ name: "search", url, concurrency: 32, ...effort, next });
}

const searchWords = [
  ..."wool oak bluetooth ceramic navy black cotton steel lamp chair headphones speaker tent backpack knife puzzle".split(
    " ",
  ),
  ..."brontide caldera kestrel quarry tidewater arbor basalt ember mistral tundra slim regular desk floor coffee".split(
    " ",
  ),
];

/** One line into a guest's cart; carts are made beforehand and shared out in turn. */
export async function addToCart(url: string, skus: string[], effort: Effort): Promise<Measured> {
  const create = readOperation("cart-create");
  const carts: string[] = await Promise.all(
    Array.from(
      { length: 500 },
      async () => (await graph(url, create, { input: {} })).cartCreate.cart.id as string,
    ),
  );
  const query = readOperation("cart-lines-add");
  let turn = 0;
  const next = () => ({
    body: JSON.stringify({
      query,
      // Few SKUs for each cart, so that carts keep a shopper's size however long it runs.
      variables: {
        cartId: carts[turn % carts.length],
        lines: [{ sku: skus[turn++ % Math.min(5, skus.length)], quantity: 1 }],
      },
    }),
  });
  return load({
    name: "add to cart",
    url,
    concurrency: 32,
    ...effort,
    next: () => (turn > carts.length * 150 ? undefined : next()),
  });
}

/** A whole checkout: the call's latency, and from then until the order is confirmed. Carts are made beforehand. */
export async function wholeCheckout(
  url: string,
  skus: string[],
  orders: number,
  concurrency = 16,
): Promise<{ call: Measured; confirmed: Measured }> {
  const create = readOperation("cart-create");
  const inputs: object[] = [];
  for (let made = 0; made < orders; made += 50) {
    const some = await Promise.all(
      Array.from({ length: Math.min(50, orders - made) }, async (_, n) => {
        const lines = [0, 1].map((line) => ({
          sku: skus[(2 * (made + n) + line) % skus.length],
          quantity: 1,
        }));
        const { cart } = (await graph(url, create, { input: { lines } })).cartCreate;
        return { cartId: cart.id as string, cartVersion: cart.version as number };
      }),
    );
    inputs.push(...some);
  }
  const query = readOperation("checkout-lean");
  const placed: { id: string; token: string }[] = [];
  let turn = 0;
  const next = () => {
    const cart = inputs[turn++];
    if (!cart) return undefined;
    const payment = {
      shippingOptionId: "standard",
      paymentMethod: { token: "pm_card_visa" },
      idempotencyKey: randomUUID(),
    };
    const input = { ...cart, email: "bench@shop.test", shippingAddress: address, ...payment };
    return { body: JSON.stringify({ query, variables: { input } }) };
  };
  const call = await load({
    name: "checkout: the call",
    url,
    concurrency,
    seconds: 600,
    next,
    onAnswer(body) {
      const { checkout } = (JSON.parse(body) as { data: Data }).data ?? {};
      if (checkout?.order)
        placed.push({ id: checkout.order.id as string, token: checkout.orderToken as string });
    },
  });
  return { call, confirmed: await untilConfirmed(url, placed, concurrency) };
}

/** By the order's own timeline: from ORDER_INITIATED to ORDER_CONFIRMED. */
async function untilConfirmed(
  url: string,
  placed: { id: string; token: string }[],
  concurrency: number,
): Promise<Measured> {
  const query = `query ($id: ID!, $token: String) { order(id: $id, token: $token) { status timeline { type occurredAt } } }`;
  const times: number[] = [];
  const starts: number[] = [];
  const ends: number[] = [];
  let errors = 0;
  for (const one of placed) {
    for (let tries = 0; ; tries++) {
      const { order } = await graph(url, query, one);
      const at = (type: string) =>
        Date.parse((order.timeline as Data[]).find((event) => event.type === type)?.occurredAt as string);
      const [start, end] = [at("ORDER_INITIATED"), at("ORDER_CONFIRMED")];
      if (!Number.isNaN(end)) {
        starts.push(start);
        ends.push(end);
        times.push(end - start);
        break;
      }
      if (tries > 200 || ["REJECTED", "CANCELLED", "EXPIRED"].includes(order.status as string)) {
        errors++;
        break;
      }
      await new Promise((resolve) => setTimeout(resolve, 100));
    }
  }
  const seconds = (Math.max(...ends) - Math.min(...starts)) / 1000;
  return {
    name: "checkout: until confirmed",
    concurrency,
    requests: times.length,
    errors,
    perSecond: times.length / seconds,
    ...percentiles(times),
  };
}

function pick<T>(from: readonly T[]): T {
  return from[Math.floor(Math.random() * from.length)] as T;
}
