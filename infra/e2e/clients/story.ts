import { readOperation } from "@shop/values/operations";
import { eventually } from "@shop/testkit/eventually";
import type { OperationName, Untyped } from "../src/answer.ts";
import { address, key } from "../src/shopping.ts";

/** A front-end's client of the shop, signed in by the token of `signIn`. */
export interface StoryClient {
  /** Asks the network, and keeps the answer in the client's cache. */
  query(operation: string, variables: object): Promise<Untyped>;
  /** Answers from the cache alone; undefined where it lacks a part. */
  cached?(operation: string, variables: object): Promise<Untyped>;
  mutate(operation: string, variables: object): Promise<Untyped>;
  subscribe(operation: string, variables: object, onData: (data: Untyped) => void): () => void;
  signIn(accessToken: string | undefined): void;
  close(): Promise<void>;
}

const abroad = {
  ...{ name: "Ada", line1: "1 Front Street", city: "Toronto", region: "ON", postalCode: "M5V 2T6" },
  country: "CA",
};

export const textOf = (name: OperationName): string => readOperation(name);

/** A client that notes which operations of schema/operations it has sent. */
export function noting(client: StoryClient, sent: Set<string>) {
  const noted = (name: OperationName) => {
    sent.add(name);
    return textOf(name);
  };
  return {
    query: (name: OperationName, variables: object = {}) => client.query(noted(name), variables),
    mutate: (name: OperationName, variables: object = {}) => client.mutate(noted(name), variables),
    subscribe: (name: OperationName, variables: object, onData: (data: Untyped) => void) =>
      client.subscribe(noted(name), variables, onData),
  };
}

/** From search to parcel as a guest, then as a new customer: every page of a shop front, and both subscriptions. */
export async function shopFrontStory(client: StoryClient, sent: Set<string> = new Set()): Promise<void> {
  const { query, mutate, subscribe } = noting(client, sent);
  const { search } = await query("search-page", {
    query: "headphones",
    first: 5,
    filters: { inStock: true },
  });
  const { slug } = search.edges[0].node;
  await query("search-suggestions", { prefix: "head" });
  const { product } = await query("product-page", { slug });
  const { categories } = await query("categories");
  await query("category-page", { slug: categories[0].slug, first: 5 });
  await query("category-page", { slug: product.category.slug, first: 5 });
  const { sku } = product.variants.find((variant: Untyped) => variant.availability.status === "IN_STOCK");
  await query("products-by-ids", { ids: [product.id, "prd_none"] });
  await query("variants-by-skus", { skus: ["none", sku] });
  await mutate("product-view", { productId: product.id, query: "headphones" });

  const first = await fillCart(client, sent, sku, 1, address);
  const before = await client.cached?.(textOf("shipping-options"), { id: first.id, address });
  const second = await fillCart(client, sent, sku, 2, abroad);
  const pricesOf = (options: Untyped[]) => options.map(({ price }) => price.amount);
  // A second cart, to another country, has other prices, and changes none of the first one's.
  if (pricesOf(first.options).join() === pricesOf(second.options).join())
    throw new Error("the second cart should cost more to ship");
  const after = await client.cached?.(textOf("shipping-options"), { id: first.id, address });
  if (JSON.stringify(before) !== JSON.stringify(after))
    throw new Error("the second cart changed the first one's options");

  await buy(client, sent, { cartId: first.id, email: "guest@shop.test" });
  const more = await mutate("checkout-lean", {
    input: {
      ...{ cartId: second.id, email: "guest@shop.test", shippingAddress: abroad, idempotencyKey: key() },
      shippingOptionId: second.options[0].id,
    },
  });
  const { order, orderToken } = more.checkout;
  const progress: Untyped[] = [];
  const stop = subscribe("order-progress", { orderId: order.id, token: orderToken }, (data) =>
    progress.push(data),
  );
  await eventually(() => progress.length > 0, "the second order's progress is not pushed");
  await mutate("order-cancel", { orderId: order.id, token: orderToken, idempotencyKey: key() });
  await eventually(
    () => progress.some(({ orderUpdated }) => orderUpdated.event.type === "ORDER_CANCELLED"),
    "the cancelled order's progress is not pushed",
  );
  stop();
  await beCustomer(client, sent, sku);
}

async function fillCart(
  client: StoryClient,
  sent: Set<string>,
  sku: string,
  quantity: number,
  to: typeof abroad,
) {
  const { query, mutate } = noting(client, sent);
  const { cartCreate } = await mutate("cart-create", { input: { lines: [], idempotencyKey: key() } });
  const { id } = cartCreate.cart;
  await mutate("cart-lines-add", { cartId: id, lines: [{ sku, quantity: 1 }] });
  const { cart } = await query("cart-page", { id, address: to });
  const lines = [{ lineId: cart.lines[0].id, quantity }];
  const { cartLinesUpdate } = await mutate("cart-lines-update", { cartId: id, lines });
  // A line that comes and goes: its list gets shorter.
  const other = await query("search-page", { query: "lamp", first: 1, filters: { inStock: true } });
  const { product } = await query("product-page", { slug: other.search.edges[0].node.slug });
  const added = await mutate("cart-lines-add", {
    cartId: id,
    lines: [{ sku: product.variants[0].sku, quantity: 1 }],
  });
  await mutate("cart-lines-remove", { cartId: id, lineIds: [added.cartLinesAdd.cart.lines[1].id] });
  if (cartLinesUpdate.cart.itemCount !== quantity) throw new Error("the cart has another number of units");
  await query("shipping-estimate", { id, country: to.country, postalCode: to.postalCode });
  const { cart: offered } = await query("shipping-options", { id, address: to });
  const options = offered.shippingOptions as Untyped[];
  await query("cart-quote", { id, shippingOptionId: options[0].id, address: to });
  return { id: id as string, options };
}

/** An order without a payment, watched; paid meanwhile; and watched until its parcel is announced. */
async function buy(
  client: StoryClient,
  sent: Set<string>,
  more: { cartId: string; email?: string },
): Promise<void> {
  const { query, mutate, subscribe } = noting(client, sent);
  const input = { ...more, shippingAddress: address, shippingOptionId: "standard", idempotencyKey: key() };
  const { checkout } = await mutate("checkout", { input });
  if (!checkout.order) throw new Error(`no order: ${JSON.stringify(checkout)}`);
  const { id } = checkout.order;
  const token: string | null = checkout.orderToken;
  const seen: Untyped[] = [];
  const stop = subscribe("order-updated", { orderId: id, token }, (data) => seen.push(data.orderUpdated));
  const has = (type: string) => seen.some(({ event }) => event.type === type);
  await eventually(() => has("INVENTORY_RESERVED"), "the reservation is not pushed");
  const paymentMethod = { token: "pm_card_visa" };
  await mutate("order-pay", { orderId: id, token, paymentMethod, idempotencyKey: key() });
  await eventually(() => has("SHIPMENT_SCHEDULED"), "the parcel is not pushed", { withinMs: 20_000 });
  stop();
  const ids = seen.map(({ event }) => event.id);
  if (new Set(ids).size !== ids.length) throw new Error(`an event came twice: ${ids.join()}`);
  const { order } = await query("order-page", { id, token });
  if (order.status !== "CONFIRMED") throw new Error(`the order is ${order.status}`);
}

async function beCustomer(client: StoryClient, sent: Set<string>, sku: string): Promise<void> {
  const { query, mutate, subscribe } = noting(client, sent);
  const email = `${key()}@shop.test`;
  const password = `a-long-one-${key()}`;
  const { signUp } = await mutate("sign-up", { input: { email, password, name: "Ada" } });
  client.signIn(signUp.session.accessToken);
  for (const line1 of ["1 Main Street", "2 Main Street"])
    await mutate("address-add", { input: { ...address, line1 }, makeDefault: false });
  await query("address-form", { country: "US" });
  const { me } = await query("address-book");
  const [one, other] = me.addresses;
  await mutate("address-update", { id: one.id, input: { ...address, line1: "3 Main Street" } });
  await mutate("address-remove", { id: other.id });
  await query("address-book");
  const guests = await mutate("cart-create", { input: { lines: [{ sku, quantity: 1 }] } });
  await mutate("cart-claim", { cartId: guests.cartCreate.cart.id, strategy: "SUM" });
  const { me: page } = await query("me-page", {});
  const seen: Untyped[] = [];
  const stop = subscribe("my-orders-updated", { after: page.orders.updatesCursor }, (data) =>
    seen.push(data.myOrdersUpdated),
  );
  await buy(client, sent, { cartId: page.cart.id });
  await eventually(() => seen.length >= 5, "the customer's order is not pushed");
  stop();
  if (seen[0].event.type !== "ORDER_INITIATED") throw new Error("the customer's feed began late");
  await query("me-page", {});
  const { logIn } = await mutate("log-in", { input: { email, password } });
  const { refreshSession } = await mutate("refresh-session", { refreshToken: logIn.session.refreshToken });
  const changed = await mutate("password-change", {
    currentPassword: password,
    newPassword: `${password}-2`,
  });
  client.signIn(changed.passwordChange.session.accessToken);
  await mutate("log-out", { refreshToken: refreshSession.session.refreshToken });
  client.signIn(undefined);
}
