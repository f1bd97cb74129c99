import { event, type Identity, type ServiceDefinition } from "@shop/service";
import {
  eventually,
  guest,
  stubService,
  startTestService,
  type TestService,
  type TestStores,
} from "@shop/testkit";
import type { ProductSnapshot, VariantSnapshot } from "@shop/events";
import { newId } from "@shop/values";
import cart from "../src/main.ts";

export const cartFields = `id version currency itemCount updatedAt
  lines { id sku title quantity variant { id } image { url }
    unitPrice { amount currency } priceWhenAdded { amount } lineTotal { amount } }
  subtotal { amount } discount { amount } tax { amount } total { amount }
  problems { __typename ... on NotEnoughStock { lineId requested available }
    ... on PriceChanged { lineId was { amount } now { amount } } ... on NotForSale { lineId } }`;

const payload = `cart { ${cartFields} } userErrors { code field }`;
const documents = {
  create: `mutation ($input: CartCreateInput) { it: cartCreate(input: $input) { ${payload} } }`,
  add: `mutation ($cartId: ID!, $lines: [CartLineInput!]!, $key: String) {
    it: cartLinesAdd(cartId: $cartId, lines: $lines, idempotencyKey: $key) { ${payload} } }`,
  update: `mutation ($cartId: ID!, $lines: [CartLineUpdateInput!]!, $key: String) {
    it: cartLinesUpdate(cartId: $cartId, lines: $lines, idempotencyKey: $key) { ${payload} } }`,
  remove: `mutation ($cartId: ID!, $lineIds: [ID!]!, $key: String) {
    it: cartLinesRemove(cartId: $cartId, lineIds: $lineIds, idempotencyKey: $key) { ${payload} } }`,
  claim: `mutation ($cartId: ID!, $strategy: CartMergeStrategy, $key: String) {
    it: cartClaim(cartId: $cartId, strategy: $strategy, idempotencyKey: $key) { ${payload} } }`,
  read: `query ($id: ID!) { it: cart(id: $id) { ${cartFields} } }`,
};

type ShownMoney = { amount: string; currency?: string };

export type ShownCart = {
  id: string;
  version: number;
  itemCount: number;
  lines: { id: string; sku: string; quantity: number; unitPrice: ShownMoney }[];
  problems: { __typename: string; lineId: string }[];
};

export type Payload = {
  /** Null where a test expects user errors: such a test reads the whole payload. */
  cart: ShownCart;
  userErrors: { code: string; field: string[] | null }[];
};

/** The line's id by its place in the cart. */
export function lineId(cart: ShownCart, at = 0): string {
  const line = cart.lines[at];
  if (!line) throw new Error(`the cart has no line ${at}`);
  return line.id;
}

/** Calls the cart service by what a shopper does. */
export function shopper(service: TestService, identity: Identity = guest) {
  const ask = async <T>(document: string, variables: Record<string, unknown>): Promise<T> => {
    const { data, errors } = await service.graphql(document, variables, identity);
    if (errors?.[0]) throw new Error(`${errors[0].message} (${String(errors[0].extensions?.["code"])})`);
    return data?.["it"] as T;
  };
  const call = (document: string, variables: Record<string, unknown>) => ask<Payload>(document, variables);
  return {
    create: (input: Record<string, unknown> = {}) => call(documents.create, { input }),
    add: (cartId: string, lines: { sku: string; quantity: number }[], key?: string) =>
      call(documents.add, { cartId, lines, key }),
    update: (cartId: string, lines: { lineId: string; quantity: number }[], key?: string) =>
      call(documents.update, { cartId, lines, key }),
    remove: (cartId: string, lineIds: string[], key?: string) =>
      call(documents.remove, { cartId, lineIds, key }),
    claim: (cartId: string, strategy?: string, key?: string) =>
      call(documents.claim, { cartId, strategy, key }),
    read: (id: string) => ask<ShownCart>(documents.read, { id }),
  };
}

type ProductChanges = Partial<ProductSnapshot> & { price?: number; variant?: Partial<VariantSnapshot> };

/** A product of one variant whose SKU is the given name, at 10.00 USD by default. */
export function productOf(sku: string, changes: ProductChanges = {}): ProductSnapshot {
  const { price = 1000, variant, ...rest } = changes;
  const at = "2026-03-01T12:00:00.000Z";
  return {
    productId: `prd_${sku}`,
    version: 1,
    status: "PUBLISHED",
    slug: sku,
    title: `The ${sku}`,
    description: "",
    brand: null,
    categoryPath: [{ id: "cat_1", slug: "all", name: "All" }],
    attributes: [],
    imageUrls: [`https://images.shop.test/${sku}.jpg`],
    variants: [
      {
        variantId: `var_${sku}`,
        sku,
        title: `The ${sku}`,
        attributes: [],
        imageUrl: null,
        prices: [{ amount: price, currency: "USD" }],
        compareAtPrice: null,
        weightGrams: 250,
        ...variant,
      },
    ],
    createdAt: at,
    updatedAt: at,
    ...rest,
  };
}

export function publishProduct(service: TestService, product: ProductSnapshot) {
  const type = product.status === "ARCHIVED" ? "ProductArchived" : "ProductChanged";
  const aggregate = { aggregateId: product.productId, version: product.version };
  return service.publish(event(type, { ...aggregate, data: { product } }));
}

export function publishStock(service: TestService, sku: string, available: number, version = 1) {
  const data = { sku, variantId: `var_${sku}`, productId: `prd_${sku}`, available, version };
  return service.publish(event("StockChanged", { aggregateId: sku, version, data }));
}

/** Puts products with ten units each on sale, and waits until the projection and the cache of variants have them. */
export async function sell(service: TestService, ...products: ProductSnapshot[]): Promise<void> {
  for (const product of products) {
    await publishProduct(service, product);
    for (const { sku } of product.variants) await publishStock(service, sku, 10);
  }
  const skus = products.flatMap((product) => product.variants.map((variant) => variant.sku));
  const onSale = async () => {
    const [row] = await service.kit.pg.sql<{ count: number }[]>`
      select count(*) from variants where sku = any(${skus}) and is_for_sale and stock_version > 0`;
    return row?.count;
  };
  const areAll = async () => (await onSale()) === skus.length;
  await eventually(areAll, "the products did not go on sale", { progress: onSale });
  await untilCached(service);
}

/** Waits until two polls of the cache of variants have begun: one of them was whole, and has read all rows written before. */
async function untilCached(service: TestService): Promise<void> {
  let polls = 0;
  const options: { debug?: unknown } = service.kit.pg.sql.options;
  options.debug = (_connection: number, statement: string) => {
    if (statement.includes("select revision from projection")) polls++;
  };
  await eventually(() => polls >= 2, "the cache did not poll");
  delete options.debug;
}

/** The confirmed order of all that the shown cart has in it. */
export function orderConfirmed(cart: ShownCart, orderId = newId("ord")) {
  const price = { amount: 1000, currency: "USD" };
  const lines = cart.lines.map(({ id: lineId, sku, quantity }) => ({
    lineId,
    sku,
    quantity,
    variantId: `var_${sku}`,
    productId: `prd_${sku}`,
    title: sku,
    imageUrl: null,
    unitPrice: price,
    lineTotal: price,
    weightGrams: 1,
  }));
  const data = {
    orderId,
    number: "1",
    customerId: null,
    email: "ada@shop.test",
    cartId: cart.id,
    lines,
    allocations: lines.map(({ lineId, sku, quantity }) => ({
      warehouseCode: "W1",
      warehouseCountry: "US",
      lineId,
      sku,
      quantity,
    })),
    address: { name: "Ada", line1: "Main St 1", city: "Springfield", postalCode: "12345", country: "US" },
    shippingOptionId: "standard",
  };
  return event("OrderConfirmed", { aggregateId: orderId, version: 5, sagaId: orderId, data });
}

/** The statements about carts, variants and idempotency records that Postgres got while `act` ran. */
export async function statementsOf(service: TestService, act: () => Promise<unknown>): Promise<string[]> {
  const statements: string[] = [];
  const options: { debug?: unknown } = service.kit.pg.sql.options;
  options.debug = (_connection: number, statement: string) => void statements.push(statement);
  await act();
  delete options.debug;
  return statements.filter((it) => /carts|sku = any|idempotency/.test(it));
}

/** Starts the cart service beside stubs of catalog and inventory that have no products and no stock. */
export async function startCart(stores: TestStores, env: Record<string, string> = {}) {
  const stack = new AsyncDisposableStack();
  const stock = async () => ({ stock: [], isLast: true });
  const products = async () => ({ products: [], isLast: true });
  stack.use(await stubService(stores, "catalog", { "catalog.products": products }));
  stack.use(
    await stubService(stores, "inventory", {
      "inventory.stock": stock,
      "inventory.plannedSales": async () => ({ sales: [] }),
    }),
  );
  const service = stack.use(await startTestService(cart as ServiceDefinition, { stores, env }));
  return { service, stop: () => stack.disposeAsync() };
}
